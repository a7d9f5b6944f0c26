"""A wrong configuration: every fault at once, each with its line and what to write instead."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.errors import ConfigurationError
from facilitator.settings import ConfigFault, ConfigurationFaults, load_settings, read_settings

KNOWN = ("standup", "weekly_status", "retro")
GOOD = """\
[asana]
requests_per_minute = 100
[agents]
max_iterations = 3
[[teams]]
slug = "payments"
name = "Payments"
project = "1200000000000001"
zone = "Europe/Berlin"
approvers = ["Alice"]
working_days = ["mon", "tue"]
[teams.board]
wip_limit = 4
[teams.board.sprint]
source = "field"
[teams.ceremonies.standup]
mode = "approve"
"""


def faults(text: str, environ: dict[str, str] | None = None) -> tuple[ConfigFault, ...]:
    """The faults of a text, none where it can be used."""
    try:
        read_settings(text, Path("facilitator.toml"), environ or {}, ceremonies=KNOWN)
    except ConfigurationFaults as error:
        return error.faults
    return ()


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ('[notify]\nchannels = ["smoke"]', 'Write one of "log"'),
        ('[notify]\nquiet_hours = "8pm"', "20:00-07:00"),
        (
            '[notify]\nslack_variable = "https://hooks.slack.com/services/hush"',
            "the name of an environment variable",
        ),
        ('[notify]\nchannels = ["email"]', "no mail server"),
        ('[notify]\nchannels = ["asana"]', 'nobody has the gid that the channel "asana" needs'),
        ('[notify.email]\nhost = "mail.example"\nsender = "a@example.org"\nsecurity = "none"', "unencrypted"),
        ('[notify.email]\nhost = "mail.example"\nsender = "Alice <a@example.org>"', "not an e-mail address"),
    ],
)
def test_a_channel_that_could_tell_nobody_is_a_fault(notify: str, said: str) -> None:
    """Found when the file is read, not when the first run fails."""
    found = faults(f"{notify}\n{GOOD}")
    assert any(said in str(fault) for fault in found), found
    assert "hush" not in str(found)


def test_an_approver_with_a_gid_can_be_told_in_asana() -> None:
    """Approvers are whom a team's notices go to where nobody else is named."""
    team = GOOD.replace('["Alice"]', '[{ name = "Alice", gid = "501" }]')
    assert faults(f'[notify]\nchannels = ["asana"]\n{team}') == ()


@pytest.mark.parametrize(
    ("triggers", "said"),
    [
        ("enabled = true", "nobody's word counts"),
        ('phrases = { "plan sprint" = "retros" }', 'Did you mean "retro"?'),
        ('people = ["Alice"]', "not an Asana gid"),
        ('name = "the bot"', "name"),
    ],
)
def test_a_trigger_nobody_could_pull_is_a_fault(triggers: str, said: str) -> None:
    """A ceremony that does not exist, or nobody whose word counts."""
    found = faults(f"{GOOD}[teams.triggers]\n{triggers}")
    assert any(said in str(fault) for fault in found), found


def test_a_secret_given_twice_is_a_fault() -> None:
    """Also those of the channels, by whatever name."""
    team = f'[notify]\nslack_variable = "TEAM_SLACK"\n{GOOD}'
    environ = {"TEAM_SLACK": "hush", "TEAM_SLACK_FILE": "/run/secrets/slack"}
    assert [fault.key for fault in faults(team, environ)] == ["TEAM_SLACK"]


def test_the_text_these_tests_break_has_no_fault() -> None:
    """Otherwise they would prove nothing."""
    assert faults(GOOD) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "said"),
    [
        ("requests_per_minute", "requests_per_minut", 2, "asana.requests_per_minut", 'mean "requests_per_minute"?'),
        ("requests_per_minute = 100", 'token = "hush"', 2, "asana.token", "set ASANA_ACCESS_TOKEN"),
        ("requests_per_minute = 100", "requests_per_minute = 0", 2, "asana.requests_per_minute", "at least 1."),
        ("requests_per_minute = 100", 'base_url = "http://asana.com"', 2, "asana.base_url", "Write https://"),
        ("max_iterations = 3", "max_iterations = 21", 4, "agents.max_iterations", "at most 20."),
        ("max_iterations = 3", "max_iterations = 0", 4, "agents.max_iterations", "at least 1."),
        ("max_iterations = 3", "max_iterations = true", 4, "agents.max_iterations", "a whole number."),
        ("max_iterations = 3", 'max_iterations = "3"', 4, "agents.max_iterations", "a whole number."),
        ('slug = "payments"', 'slug = "Pay!"', 6, "teams[Pay!].slug", 'Write "pay".'),
        ('slug = "payments"', "slug = 7", 6, "teams[1].slug", "not a short name"),
        ('slug = "payments"\n', "", 5, "teams[1].slug", "Add a short name"),
        ('name = "Payments"', 'name = " \\n"', 7, "teams[payments].name", "one line of visible text."),
        ('name = "Payments"', 'name = ""', 7, "teams[payments].name", "must not be empty."),
        ('"1200000000000001"', '"12a"', 8, "teams[payments].project", "not an Asana gid"),
        ("Europe/Berlin", "Europe/Berln", 9, "teams[payments].zone", 'Did you mean "Europe/Berlin"'),
        ('zone = "Europe/Berlin"\n', "", 5, "teams[payments].zone", 'Add one such as zone = "Europe/Berlin".'),
        ('approvers = ["Alice"]\n', "", 5, "teams[payments]", 'nobody may approve, but "standup" waits'),
        ('["Alice"]', "[]", 10, "teams[payments].approvers", "choose mode"),
        ('["Alice"]', "[{}]", 10, "teams[payments].approvers[1]", "Give a name, a gid, or both."),
        ('["Alice"]', '["Alice", 5]', 10, "teams[payments].approvers[2]", "must be a table."),
        ('["Alice"]', '"Alice"', 10, "teams[payments].approvers", "a list in square brackets."),
        ('["mon", "tue"]', "[]", 11, "teams[payments].working_days", "must not be empty."),
        ('["mon", "tue"]', '["mon",\n"tuseday"]', 12, "teams[payments].working_days[2]", 'mean "tuesday"?'),
        ('working_days = ["mon", "tue"]', 'holidays = "DX"', 11, "teams[payments].holidays", "Write an ISO code"),
        ('working_days = ["mon", "tue"]', 'days_off = ["x"]', 11, "teams[payments].days_off[1]", "without quotes, or"),
        ('working_days = ["mon", "tue"]', 'days_off = ["2026-12-31/2026-12-24"]', 11, "teams[payments].days_off[1]", "span of days"),
        ('working_days = ["mon", "tue"]', 'days_off = ["2026-13-01/2026-13-02"]', 11, "teams[payments].days_off[1]", "span of days"),
        ("[agents]", "[company]\ndays_off = [2026-12-24T10:00:00]\n[agents]", 4, "company.days_off[1]", "span of days"),
        ("wip_limit", "wip-limit", 13, "teams[payments].board.wip-limit", 'mean "wip_limit"?'),
        ("wip_limit = 4", "states = {Dev='doing'}", 13, "teams[payments].board.states.Dev", 'Write one of "backlog"'),
        ("wip_limit = 4", "states = 4", 13, "teams[payments].board.states", "must be a table."),
        ('"field"', '"feild"', 15, "teams[payments].board.sprint.source", 'Did you mean "field"?'),
        ('"field"', "5", 15, "teams[payments].board.sprint.source", "Write one of"),
        ('"field"', '"dates"', 15, "teams[payments].board.sprint.source", "Add first_day"),
        ('"field"', '"projects"', 15, "teams[payments].board.sprint.source", "Add pattern"),
        ('"field"', '"none"\npattern = "x"', 16, "teams[payments].board.sprint.pattern", 'belongs to source "section"'),
        ('"field"', '"section"\npattern = "("', 16, "teams[payments].board.sprint.pattern", "regular expression"),
        ('"field"', '"dates"\nfirst_day = 2026-01-05\nname = "S"', 17, "teams[payments].board.sprint.name", "{n}"),
        ("standup", "standpu", 16, "teams[payments].ceremonies.standpu", 'Did you mean "standup"?'),
        ("standup", "zzz", 16, "teams[payments].ceremonies.zzz", 'Write one of "retro", "standup", "weekly_status".'),
        ('"approve"', '"aprove"', 17, "teams[payments].ceremonies.standup.mode", 'Did you mean "approve"?'),
        ("mode", "mod", 17, "teams[payments].ceremonies.standup.mod", 'Did you mean "mode"?'),
        ("mode", "elephants", 17, "teams[payments].ceremonies.standup.elephants", "Known here: enabled, at, days"),
        ('mode = "approve"', 'at = "25:00"', 17, "teams[payments].ceremonies.standup.at", 'Write it as "09:15"'),
        ('mode = "approve"', 'day = "sat"', 17, "teams[payments].ceremonies.standup.day", "not among this team's"),
        ('mode = "approve"', 'days = ["mon", "wed"]', 17, "teams[payments].ceremonies.standup.days", "wednesday:"),
        ('mode = "approve"', 'day = "mon"\nend_of_sprint = 0', 18, "teams[payments].ceremonies.standup.end_of_sprint", "exclude"),
        ('mode = "approve"', 'monthly = "last"\non_holiday = "skip"', 18, "teams[payments].ceremonies.standup.on_holiday", "counts working days"),
        ('mode = "approve"', "once = 2026-12-01T10:00:00\non_holiday = 'skip'", 18, "teams[payments].ceremonies.standup.on_holiday", "that very instant"),
        ('mode = "approve"', "once = 2026-12-01", 17, "teams[payments].ceremonies.standup.once", "not a date and a time"),
        ('mode = "approve"', "cron = '0 9 * * 1'\nat = '09:00'", 18, "teams[payments].ceremonies.standup.at", "its own time"),
        ('mode = "approve"', "cron = '0 9 * *'", 17, "teams[payments].ceremonies.standup.cron", "has 4. Fields: minute"),
        ('mode = "approve"', "cron = '0 25 * * *'", 17, "teams[payments].ceremonies.standup.cron", "bad hour"),
        ('mode = "approve"', "cron = 9", 17, "teams[payments].ceremonies.standup.cron", "a cron line in quotes"),
        ('mode = "approve"', "monthly = 0", 17, "teams[payments].ceremonies.standup.monthly", "-2 for the last but one"),
        ('mode = "approve"', "monthly = 'frist'", 17, "teams[payments].ceremonies.standup.monthly", "not a working day of a month"),
        ('mode = "approve"', "day = 'mon'\nevery_weeks = 2", 18, "teams[payments].ceremonies.standup.every_weeks", "anchor_week = 2026-01-05"),
        ('mode = "approve"', "every_weeks = 2\nanchor_week = 2026-01-05", 17, "teams[payments].ceremonies.standup.every_weeks", 'Add day = "thu"'),
        ('mode = "approve"', "day = 'mon'\nanchor_week = 2026-01-05", 18, "teams[payments].ceremonies.standup.anchor_week", "Add every_weeks"),
        ('mode = "approve"', "monthly = 1\ncron = '0 9 * * 1'", 18, "teams[payments].ceremonies.standup.cron", "exclude each other"),
        ('mode = "approve"', 'task = "1"\ntask_name = "x"', 18, "teams[payments].ceremonies.standup.task_name", "exclude"),
        ('mode = "approve"', "enabled = 1", 17, "teams[payments].ceremonies.standup.enabled", "true or false."),
    ],
)  # fmt: skip
def test_a_fault_has_its_line_its_key_and_a_remedy(
    old: str, new: str, line: int, key: str, said: str
) -> None:
    """One broken value gives one fault, where it stands."""
    assert old in GOOD

    (fault,) = faults(GOOD.replace(old, new, 1))

    assert (fault.line, fault.key) == (line, key)
    assert said in f"{fault.message} {fault.suggestion}"
    assert "hush" not in str(fault)


def test_all_faults_are_reported_at_once_in_order() -> None:
    """Single values, keys together and the environment: nobody should have to start five times."""
    text = (
        GOOD.replace("= 100", "= -1")
        .replace("Berlin", "Berln")
        .replace('source = "field"', 'source = "dates"')
        .replace('mode = "approve"', 'mode = "aprove"\nday = "sun"')
    )

    found = faults(text, {"ASANA_BASE_URL": "asana", "ANTHROPIC_BASE_URL": "http://example.com"})

    assert [fault.line for fault in found] == [2, 9, 15, 17, 18, None, None]
    assert [fault.key for fault in found[-2:]] == ["ASANA_BASE_URL", "ANTHROPIC_BASE_URL"]


def test_a_team_written_twice_is_named_with_both_numbers() -> None:
    """By its short name or by its display name, whatever the letter case."""
    again = '[[teams]]\nslug = "{}"\nname = "{}"\nproject = "1"\nzone = "UTC"\n'

    (by_slug,) = faults(GOOD + again.format("payments", "Other"))
    (by_name,) = faults(GOOD + again.format("other", "PAYMENTS"))

    assert (by_slug.line, by_slug.key) == (19, "teams[payments].slug")
    assert "team 2 has the same slug as team 1" in by_slug.message
    assert (by_name.line, by_name.key) == (20, "teams[other].name")


def test_nobody_needs_to_approve_where_nothing_waits() -> None:
    """Shadow and auto modes, and ceremonies that are switched off."""
    silent = GOOD.replace('approvers = ["Alice"]\n', "")

    assert faults(silent.replace('"approve"', '"shadow"')) == ()
    assert faults(silent.replace('mode = "approve"', "enabled = false")) == ()


def test_names_of_ceremonies_go_unchecked_where_nobody_knows_them() -> None:
    """A tool that reads only the teams need not load the ceremonies."""
    settings = read_settings(GOOD.replace("standup", "zzz"), Path("x.toml"), {})

    assert settings.teams[0].ceremony("zzz").enabled


@pytest.mark.parametrize(
    "text", ["", "[asana]\n", "teams = []\n", "teams = 3\n", "teams = [3]\n", "[teams]\n"]
)
def test_a_file_without_teams_is_no_configuration(text: str) -> None:
    """Empty, or with something else of that name."""
    assert [fault.key.split("[")[0] for fault in faults(text)] == ["teams"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[asana]\nbase_url = "x\n', 2, "not TOML"),
        ("[asana]\n[asana]\n", 2, "twice"),
        ('a = """\nopen', 2, "not TOML"),
        ("a = \n", 1, "invalid value"),
    ],
)
def test_bad_toml_has_its_line(text: str, line: int, said: str) -> None:
    """Nothing else can be said before it is corrected."""
    (fault,) = faults(text)

    assert fault.line == line
    assert said in fault.message
    assert "(at " not in fault.message


def test_a_file_in_another_encoding_is_named_by_its_line(tmp_path: Path) -> None:
    """Latin-1 umlauts in the third line."""
    file = tmp_path / "facilitator.toml"
    file.write_bytes(b"[asana]\n\n# f\xfcr uns\n")

    with pytest.raises(ConfigurationFaults) as caught:
        load_settings(file, {})
    assert [fault.line for fault in caught.value.faults] == [3]


@pytest.mark.parametrize("name", ["ASANA_ACCESS_TOKEN", "ANTHROPIC_API_KEY"])
def test_a_secret_in_two_places_is_a_fault(name: str) -> None:
    """Its value is not shown."""
    (fault,) = faults(GOOD, {name: "hush", f"{name}_FILE": "/run/secret"})

    assert str(fault) == f"environment, {name}: {name} and {name}_FILE are both set. Keep one of them."


def test_the_error_is_a_readable_list() -> None:
    """As a person sees it in the terminal; wrong use, exit code 2."""
    with pytest.raises(ConfigurationFaults) as caught:
        read_settings(GOOD.replace("= 3", "= 99").replace("= 4", "= 0"), Path("facilitator.toml"), {})

    assert str(caught.value).splitlines() == [
        "facilitator.toml has 2 faults:",
        "  line 4, agents.max_iterations: must be at most 20.",
        "  line 13, teams[payments].board.wip_limit: must be at least 1.",
    ]
    assert isinstance(caught.value, ConfigurationError)
    assert caught.value.exit_code == 2


def test_hostile_names_cannot_write_to_the_terminal() -> None:
    """Keys and values are shown escaped."""
    (fault,) = faults(GOOD.replace("mode", '"\\u001b[2J"'))

    assert "\x1b" not in str(fault)


JUNK = st.recursive(
    st.sampled_from(['"x"', "1", "-1", "1.5", "true", "2026-01-01", "09:15:00", '""', '"\\u0000"']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(["slug", "name", "x", "gid"]), inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(line=st.integers(0, len(GOOD.splitlines()) - 1), junk=JUNK)
def test_any_value_anywhere_gives_faults_or_settings(line: int, junk: str) -> None:
    """Never another error, and every fault lies in the text."""
    lines = GOOD.splitlines()
    key, sign, _ = lines[line].partition(" = ")
    lines[line] = f"{key} = {junk}" if sign else lines[line]

    found = faults("\n".join(lines))

    assert all(fault.line is not None and 1 <= fault.line <= len(lines) for fault in found)
    assert all(fault.message.endswith((".", "?")) for fault in found)


def test_a_cluster_needs_postgresql() -> None:
    """The job queue stands beside the run log; a file cannot be shared by machines."""
    text = GOOD.replace("[asana]", '[executor]\nkind = "cluster"\n[asana]')
    (fault,) = faults(text)
    assert (fault.line, fault.key) == (2, "executor.kind")
    assert "postgresql://" in fault.suggestion
    assert faults(text, {"FACILITATOR_DATABASE_URL": "postgresql://runner@db/facilitator"}) == ()


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("approval_task = true", "no approver has a gid"),
        ('approval_task = false\napproval_field = "Report"', "read only where an approval task asks"),
        ('two_person = ["comment"]', "two people must agree, but the team has 1"),
        ('mode = "auto"\nauto_after = 3', 'only mode "approve" can earn'),
        ("auto_edit_threshold = 0.1", "nothing is earned without auto_after"),
        ("auto_after = 3\nauto_edit_threshold = 2", "auto_edit_threshold"),
        ('never = ["comment"]', "never"),
    ],
)
def test_a_wish_about_decisions_that_cannot_come_true_is_a_fault(wish: str, said: str) -> None:
    """Found when the file is read, with its line."""
    text = GOOD.replace('mode = "approve"\n', "") + f"{wish}\n"
    [found] = faults(text)
    assert found.line is not None
    assert said in str(found)


def test_wishes_about_decisions_reach_the_ceremony() -> None:
    """Everything a team may say about who decides, and how."""
    text = GOOD.replace('approvers = ["Alice"]', 'approvers = ["Alice", { name = "Carol", gid = "903" }]') + (
        'two_person = ["actions", "comment"]\nfigures_only = true\nauto_after = 4\nauto_edit_threshold = 0\n'
        'approval_task = true\nnever = ["task_changes", "charts"]\n'
    )
    wish = read_settings(text, Path("facilitator.toml"), {}, ceremonies=KNOWN).teams[0].ceremony("standup")
    assert wish.never == frozenset({"task_changes", "charts"})
    assert (wish.two_person, wish.figures_only) == (frozenset({"actions", "comment"}), True)
    assert (wish.auto_after, wish.auto_edit_threshold, wish.approval_task) == (4, 0, True)


def test_dates_that_nobody_could_let_through_are_a_fault() -> None:
    """Another due date always needs two people."""
    text = GOOD.replace("[teams.board]", "[teams.board]\ncascade_dates = true")
    [found] = faults(text)
    assert (found.key or "").endswith("board.cascade_dates")
    assert faults(text.replace('["Alice"]', '["Alice", "Carol"]')) == ()


@pytest.mark.parametrize(
    ("asana", "key", "said"),
    [
        ('profile = "sandbox"', "asana.profile", "does not say which workspace"),
        ('profile = "live"\nworkspace = "500"', "asana.workspace", "only for profile sandbox"),
        ('workspace = "500"', "asana.workspace", "only for profile sandbox"),
        ('profile = "production"', "asana.profile", "profile"),
        ('profile = "sandbox"\nworkspace = "five"', "asana.workspace", "gid"),
    ],
)
def test_a_profile_and_its_workspace_go_together(asana: str, key: str, said: str) -> None:
    """Which one may be written in is said where something is tried, and nowhere else."""
    [found] = faults(GOOD.replace("[asana]", f"[asana]\n{asana}"))
    assert found.key == key
    assert said in str(found)


MCP = """[agents.mcp]
url = "https://mcp.example/v2/mcp"
vault_id = "vlt_1"
tools = ["get_task"]

[asana]"""


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('vault_id = "vlt_1"\n', "", "agents.mcp"),
        ('"vlt_1"', '""', "agents.mcp.vault_id"),
        ('"vlt_1"', '"1/123:a-token-of-asana"', "agents.mcp.vault_id"),
        ('tools = ["get_task"]', "tools = []", "agents.mcp.tools"),
    ],
)
def test_a_remote_server_without_a_vault_is_refused(old: str, new: str, key: str) -> None:
    """Its credential would have to pass through us, or through the agent; and no tool of it is on unless it is named."""
    text = GOOD.replace("[asana]", MCP)
    assert faults(text) == ()
    [found] = faults(text.replace(old, new))
    assert (found.key or "").startswith(key)
    assert "a-token-of-asana" not in str(found)
