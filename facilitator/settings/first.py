"""The first facilitator.toml, written by `init`.

Pure text: what is known is filled in, what may be wanted later stands there as a comment. It does not touch a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from facilitator.settings.readers import GID, slug_of

_HEAD = """\
# facilitator: which teams, which boards, when, and who says yes.
# Secrets are not kept here: set ASANA_ACCESS_TOKEN and ANTHROPIC_API_KEY, or ..._FILE with a file that holds them.
# `facilitator check` reads this file and reports every fault with its line.

[asana]
# profile = "live"               # say it for production; "sandbox" with workspace = "1200000000000001" writes there alone
# requests_per_minute = 120      # 150 is the limit of a free workspace, 1500 of a paid one

[agents]
# max_iterations = 3             # gradings of one draft, 1 to 20
deadline_minutes = 15            # a session that takes longer is interrupted
# budget_cents = 50              # list price at which a session stops
# tools = ["board_get_health", "board_get_task", "draft_check"]   # what the agent may call; default: all that only read;
                                 # "update_task_status" lets it propose changes, which an approver decides on

[executor]
# kind = "cluster"               # runs are advanced by any number of `worker` processes; needs PostgreSQL
# at_once = 64                   # runs that one process works on

[limits]
# session_creates_per_minute = 300   # of your organisation at Managed Agents; agent_reads_per_minute = 1200,
# event_sends_per_minute = 600       # shared by every process of a cluster
# asana_reads_in_flight = 8          # Asana refuses more than 50, and more than 15 writes (asana_writes_in_flight)

[web]
# port = 8484                    # the dashboard, on this machine alone; `signin --as NAME` prints a link
# base_url = "https://..."       # how browsers reach it behind a reverse proxy; see README for sign-in there

[notify]
# channels = ["log", "asana"]    # who hears of failed, expired and waiting runs; also "slack" (SLACK_WEBHOOK_URL), "email"
# people = [{ name = "Alice", gid = "1100000000000001", email = "alice@example.org" }]
# mute = ["waiting"]
# quiet_hours = "20:00-07:00"

[company]
# days_off = ["2026-12-24/2026-12-31"]   # for every team
"""

_TEAM = """
[retention]
# snapshots_days = 90            # days after a run has ended until what was read goes; 0 keeps it for good
# texts_days = 90                # also events_days = 90, archive_sessions_days = 7, delete_sessions_days = 90

[[teams]]
slug = {slug}
name = {name}
project = {project}
# projects = ["1200000000000002"]  # other projects the team's work is in; each task counts once
zone = {zone}
approvers = {approvers}
# viewers = ["Bob"]              # may look at the dashboard; admins = [...] may also start runs there
# working_days = ["mon", "tue", "wed", "thu", "fri"]
{holidays}
# days_off = [2026-12-24, "2026-12-28/2026-12-31"]
# monthly_budget_cents = 2000    # list price of all its sessions in a month; told at 80 %, refused at 100 %

[teams.credentials]
# read = "file:/run/secrets/harbour"  # or "env:NAME", "cmd:program argument": what its board is read with

[teams.triggers]
enabled = false                  # true: "@facilitator standup" on the board starts one, for those whose word counts
# people = ["1100000000000001"]  # by default the approvers with a gid
# phrases = {{ "go round" = "standup" }}
# sections = {{ "Ready for stand-up" = "standup" }}

[teams.nudges]
enabled = false                  # true: a private word to owners of tasks that are due, overdue or blocked for long
# at = "10:00"
# absent = [{{ gid = "1100000000000001", days = ["2026-12-24/2026-12-31"] }}]

[teams.board]
points_field = {points}
# wip_limit = 6
# excluded_sections = ["Ceremonies", "Templates"]
# sentiment = true               # the retro counts how the sprint's comments read, never whose; off by default
# blockers_field = "Impediment"  # set on blocked tasks once an approver said yes; nothing is set without
# cascade_dates = false          # true: later due dates for what is due before what it waits for; two must agree
# status_field = "Status"        # an enum field that says the state, where sections do not (a section per sprint)

[teams.board.sprint]
{sprint}

# [teams.board.states]           # only for sections whose names do not say it
# "Ready for QA" = "in_review"
"""

_CEREMONY = """
[teams.ceremonies.{name}]
mode = {mode}                 # shadow: nothing is written | draft: one [AI Proposal] | approve: a person says yes first | auto
# approval_task = false          # approvers with a gid are asked by an approval task in Asana, unless this is false
# expires_after_hours = 24       # silence means no; people are reminded once
# two_person = []                # two must agree to: "comment", "actions", "action_owners", "action_dates", "status_update",
#                                # "task_changes"; never = ["task_changes"]: what is never written, whoever says yes
# figures_only = true            # where the model stays unavailable: the figures alone, approved like any draft
# auto_after = 10                # approvals in a row that earn mode auto; one rejection or fault loses it
# auto_edit_threshold = 0.2      # an approval counts where at most this part of the words was changed
{task}
# at = "09:15"                   # local time; other days than its own by one of day, days = ["mon", "thu"],
# day = "thu"                    # end_of_sprint = 0, monthly = "last", once = 2026-12-01T10:00:00, cron = "0 9 1 * *"
# every_weeks = 2                # with day, counted from the week of this date:
# anchor_week = 2026-01-05
# on_holiday = "next"            # or "previous", "skip": where that day is a free one
# catch_up = "once"              # or "each", "skip": what becomes of windows that were missed
# grace_hours = 12               # how late a missed one is still worth having
# baseline_minutes = 15         # what it took by hand: `costs` counts the minutes saved
# quiet = "line"                 # or "nothing", where nothing happened
"""


def first_configuration(
    *,
    team: str,
    project: str,
    zone: str,
    approvers: Sequence[str],
    ceremonies: Sequence[str] = ("standup",),
    tasks: Mapping[str, str] | None = None,
    slug: str = "",
    holidays: str = "",
    sprint_field: str | None = "Sprint",
    points_field: str = "Story Points",
    mode: str = "approve",
) -> str:
    """A commented, valid configuration for one team.

    `tasks` maps a ceremony to the gid of the task that takes its comments; `sprint_field` None means that the board
    does not name its sprints. Names are escaped, whatever they hold; an empty one still has to be filled in.
    """
    parts = [
        _HEAD,
        _TEAM.format(
            slug=_text(slug or slug_of(team) or "team"),
            name=_text(team),
            project=_text(project),
            zone=_text(zone),
            approvers=f"[{', '.join(map(_person, approvers))}]",
            holidays=f"holidays = {_text(holidays)}" if holidays else '# holidays = "DE-BE"',
            points=_text(points_field),
            sprint=_sprint(sprint_field),
        ),
    ]
    for name in ceremonies:
        gid = (tasks or {}).get(name)
        task = (
            f"task = {_text(gid)}"
            if gid
            else '# task = "1200000000000001"    # takes the comments; else one is made'
        )
        parts.append(_CEREMONY.format(name=_key(name), mode=_text(mode), task=task))
    return "".join(parts)


def _sprint(field: str | None) -> str:
    if field is None:
        return (
            'source = "none"                  # or "dates" with first_day = 2026-01-05 and length_days = 14'
        )
    return f'source = "field"                 # or "section", "projects" (pattern = "(?i)^sprint"), "dates", "none"\nfield = {_text(field)}'


def _text(value: str) -> str:
    """A TOML string of one line: what cannot be seen becomes a space. JSON's escapes are TOML's too."""
    line = "".join(char if char.isprintable() else " " for char in value).strip()
    return json.dumps(line[:200].strip(), ensure_ascii=False)


def _person(name: str) -> str:
    """A name or a gid. Digits that are no gid must say that they are a name: on their own they would be refused."""
    text = _text(name)
    plain = json.loads(text)
    return f"{{ name = {text} }}" if plain.isdigit() and not GID.fullmatch(plain) else text


def _key(name: str) -> str:
    return name if name.replace("_", "a").replace("-", "a").isalnum() and name.isascii() else _text(name)
