"""Made-up teams for the gate's corpus: Facts in the shapes of a stand-up, a weekly status and a retro, seeded.

Every name, figure and date is drawn from a random generator; nothing here comes from a real team.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from facilitator.board.facts import Coverage, Document, Fact, Facts, SectionSpec, TaskFact

TASK_NAMES = (
    "Payment retry", "Import job", "Search index", "Login with a code", "Export to a file", "Audit log", "Dark theme",
    "Retry of webhooks", "CSV format", "Colour of the logo", "Cabin deck plan", "Voucher at checkout", "Nightly settlement",
    "Receipt archive", "Seat map for small screens", "Refund by bank transfer", "Session store migration", "Push messages",
    "Harbour autocomplete", "Vehicle length rules", "Calendar file for sailings", "Cookie banner", "Rate limits for partners",
    "Alert on failed captures", "Group booking page", "Password reset by phone", "Address validation", "Invoice numbering",
    "Broken image on the start page", "Duplicate passenger rows", "Timetable feed", "Ticket gate firmware", "Price rounding",
    "Bicycle trailers", "Kennel deck", "QR code on the confirmation", "Move logs to cold storage", "Upgrade the message queue",
    "Translate the help pages", "Accessible date picker", "Load test of the booking funnel", "Staff discount", "Weather notice",
    "Loyalty number at the till", "Partner sign-up form", "Berth planning", "Map of the terminals", "Printable manifest",
    "Currency switch", "Delay notification", "Customs export", "Crew roster view", "Baggage labels", "Fuel surcharge table",
)  # fmt: skip
PEOPLE = (
    "Mara K.", "Alex P.", "Juno S.", "Tom B.", "Ines R.", "Oleg D.", "Priya N.", "Lena W.", "Jonas F.", "Samira T.", "Kofi A.",
    "Hana L.", "Victor M.", "Nora E.", "Will C.", "Yuki O.", "Paula G.", "Dmitri V.", "Clara H.", "Emil Z.",
)  # fmt: skip
TEAMS = ("Harbour", "Beacon", "Quay", "Lighthouse", "Anchor", "Compass")
VERDICTS = ("On track", "At risk", "Off track")
NOTES = (
    "waits for the sandbox keys",
    "the field Blocked says so",
    "waits for an answer from the vendor",
    "it stands in the section On hold",
    "",
)
ZONES = ("Europe/Berlin", "UTC", "America/New_York", "Asia/Tokyo")


@dataclass
class Clay:
    """What a world is formed from while it grows."""

    rng: random.Random
    as_of: datetime
    today: date
    people: dict[str, str]
    tasks: dict[str, TaskFact]
    facts: dict[str, Fact]

    def figure(
        self, fact_id: str, label: str, value: float | str, unit: str, of: float | None = None
    ) -> None:
        """Add one figure."""
        self.facts[fact_id] = Fact(fact_id, label, value, unit, f"{label}, counted on the board", of=of)

    def listing(self, fact_id: str, label: str, gids: Sequence[str], of: int) -> None:
        """Add one list of tasks."""
        self.facts[fact_id] = Fact(
            fact_id, label, len(gids), "tasks", f"{label}, counted", of=of, tasks=tuple(gids)
        )

    def pair(self, fact_id: str, label: str, low: int, high: int, unit: str, earlier: str) -> None:
        """A figure and the same one a period earlier, never equal."""
        now, before = self.rng.sample(range(low, high), 2)
        told = {"last_week": "last week", "previous": "previous sprint"}[earlier]
        self.figure(fact_id, label, now, unit)
        self.figure(f"{fact_id}.{earlier}", f"{label}, {told}", before, unit)


def world(rng: random.Random, shape: str) -> Facts:
    """One team's Facts on one day; `shape` is standup, weekly or retro."""
    clay = _clay(rng)
    {"standup": _standup, "weekly": _weekly, "retro": _retro}[shape](clay)
    zone = rng.choice(ZONES)
    back = {"standup": rng.choice((1, 1, 3)), "weekly": 7, "retro": 14}[shape]
    return Facts(
        ceremony=shape,
        team=rng.choice(TEAMS),
        project="900900900900",
        project_name="Delivery board",
        as_of=clay.as_of,
        zone=zone,
        start=clay.as_of - timedelta(days=back),
        end=clay.as_of,
        facts=clay.facts,
        tasks=clay.tasks,
        people=clay.people,
        coverage=Coverage(
            rng.randint(20, 90), rng.randint(10, 120), (f"{rng.randint(2, 9)} tasks without an estimate",)
        ),
        document=Document(sections=_sections(shape), max_words=250),
    )


def _sections(shape: str) -> tuple[SectionSpec, ...]:
    names = {
        "standup": ("blocked", "ageing", "moved", "help"),
        "weekly": ("accomplished", "risks", "next", "numbers"),
        "retro": ("patterns", "deviations", "discuss", "actions"),
    }[shape]
    return tuple(
        SectionSpec(name, name.title(), 6, covers=name if name in {"blocked", "ageing"} else None)
        for name in names
    )


def _clay(rng: random.Random) -> Clay:
    today = date(2026, 1, 5) + timedelta(days=rng.randint(0, 300))
    while today.weekday() > 4:
        today += timedelta(days=1)
    as_of = datetime(today.year, today.month, today.day, 13, rng.randint(0, 59), tzinfo=UTC)
    people = {f"11{number:08}": name for number, name in enumerate(rng.sample(PEOPLE, rng.randint(4, 7)))}
    return Clay(rng, as_of, today, people, {}, {})


def _add_tasks(clay: Clay, names: list[str], state: str, count: int) -> list[str]:
    rng = clay.rng
    gids = []
    for _ in range(count):
        gid = f"12{len(clay.tasks):010}"
        owner = (
            rng.choice(list(clay.people)) if rng.random() < 0.85 or state in {"done", "in_review"} else None
        )
        due = (
            clay.today + timedelta(days=rng.choice((2, 3, 4, 5, 6, 8, 9)))
            if rng.random() < 0.6 and state != "done"
            else None
        )
        clay.tasks[gid] = TaskFact(
            gid=gid,
            name=names.pop(),
            state=state,
            section={"done": "Done", "in_review": "Review", "in_progress": "Doing"}.get(state, "To do"),
            owner=owner,
            url=f"https://app.asana.com/0/900900900900/{gid}",
            points=rng.choice((1, 2, 3, 5, 8)) if rng.random() < 0.85 else None,
            due_on=due.isoformat() if due else None,
            figures={"age_days": rng.randint(2, 30)} if state in {"in_progress", "in_review"} else {},
        )
        gids.append(gid)
    return gids


def _change(clay: Clay, gid: str, **changes: object) -> None:
    from dataclasses import replace

    clay.tasks[gid] = replace(clay.tasks[gid], **changes)  # type: ignore[arg-type]


def _blocked(clay: Clay, gids: list[str], of: int) -> None:
    for gid in gids:
        task = clay.tasks[gid]
        note = clay.rng.choice(NOTES)
        figures = {**task.figures, "blocked_days": clay.rng.randint(1, 12)}
        _change(clay, gid, figures=figures, notes={"blocked_because": note} if note else {})
    ordered = sorted(gids, key=lambda gid: -clay.tasks[gid].figures["blocked_days"])
    clay.listing("blocked", "blocked", ordered, of)


def _overdue(clay: Clay, gids: list[str], of: int) -> None:
    for gid in gids:
        late = clay.today - timedelta(days=clay.rng.randint(1, 9))
        _change(clay, gid, due_on=late.isoformat())
    clay.listing("overdue", "overdue", gids, of)


def _sprint(clay: Clay) -> None:
    rng = clay.rng
    days = rng.choice((8, 9, 10))
    day = rng.randint(2, days - 1)
    planned = rng.randint(16, 48)
    expected = round(planned * (day - 1) / days)
    done = rng.choice([value for value in range(2, planned - 1) if value != expected])
    clay.figure("sprint.name", "sprint", f"Sprint {rng.randint(11, 60)}", "text")
    clay.figure("sprint.day", "sprint day", day, "working_days", days)
    clay.figure("sprint.days", "sprint length", days, "working_days")
    clay.figure("sprint.done_points", "points done", done, "points", planned)
    clay.figure("sprint.planned_points", "points planned", planned, "points")
    clay.figure("sprint.expected_points", "points expected by this morning", expected, "points")
    clay.figure("sprint.added", "added since the start", rng.randint(1, 6), "tasks", rng.randint(12, 20))
    clay.figure(
        "sprint.end",
        "last day of the sprint",
        (clay.today + timedelta(days=days - day + 1)).isoformat(),
        "date",
    )


def _board(clay: Clay) -> dict[str, list[str]]:
    rng = clay.rng
    names = rng.sample(TASK_NAMES, len(TASK_NAMES))
    progress = _add_tasks(clay, names, "in_progress", rng.randint(7, 10))
    review = _add_tasks(clay, names, "in_review", rng.randint(2, 4))
    done = _add_tasks(clay, names, "done", rng.randint(3, 6))
    todo = _add_tasks(clay, names, rng.choice(("todo", "backlog")), rng.randint(4, 6))
    stuck = progress[: rng.randint(1, 4)]
    late = progress[4:6] + todo[:1]
    of = len(progress) + len(review) + len(todo)
    _blocked(clay, stuck, of)
    _overdue(clay, late[: rng.randint(1, 3)], of)
    free = [gid for gid, task in clay.tasks.items() if task.owner is None and task.state != "done"]
    clay.listing("unassigned", "without an owner", free, of)
    old = [gid for gid in progress if gid not in stuck][-2:]
    clay.listing("ageing", "ageing", old, len(progress) + len(review))
    clay.figure("ageing.p85", "the team's p85", rng.randint(6, 12), "days")
    for gid in old:
        _change(clay, gid, figures={**clay.tasks[gid].figures, "age_days": rng.randint(14, 40)})
    clay.figure("stale", "stale", rng.randint(1, 5), "tasks", len(progress) + len(review))
    return {"progress": progress, "review": review, "done": done, "todo": todo}


def _standup(clay: Clay) -> None:
    clay.figure("today", "today", clay.today.isoformat(), "date")
    _sprint(clay)
    clay.figure("sprint.verdict", "verdict", clay.rng.choice(VERDICTS), "text")
    groups = _board(clay)
    started = [gid for gid in groups["progress"][6:] if gid not in clay.facts["ageing"].tasks][:2]
    total = len(groups["done"]) + len(groups["review"]) + len(started)
    clay.listing("moved.done", "done", groups["done"], total)
    clay.listing("moved.in_review", "in review", groups["review"], total)
    clay.listing("moved.started", "started", started, total)
    clay.figure(
        "wip",
        "in progress",
        len(groups["progress"]) + len(groups["review"]),
        "tasks",
        clay.facts["blocked"].of,
    )
    clay.figure("wip.limit", "limit", clay.rng.randint(6, 16), "tasks")
    clay.figure("window.comments", "comments", clay.rng.randint(3, 40), "comments")


def _weekly(clay: Clay) -> None:
    rng = clay.rng
    clay.figure("today", "today", clay.today.isoformat(), "date")
    clay.figure("status.colour", "status", rng.choice(("On Track", "At Risk", "Off Track")), "text")
    _sprint(clay)
    groups = _board(clay)
    clay.listing("accomplished", "finished in the last seven days", groups["done"], len(groups["done"]) + 3)
    finished = len(groups["done"])
    clay.figure("throughput", "tasks finished", finished, "tasks")
    before = rng.choice([count for count in range(2, 19) if count != finished])
    clay.figure("throughput.last_week", "tasks finished, last week", before, "tasks")
    clay.pair("scope.added", "points added to the scope", 1, 12, "points", "last_week")
    clay.pair("cycle.p50", "median cycle time", 2, 9, "days", "last_week")
    clay.pair("hygiene", "hygiene of open tasks", 40, 95, "percent", "last_week")
    ahead = rng.randint(6, 12)
    clay.figure(
        "forecast.p50", "forecast, as likely as not", (clay.today + timedelta(days=ahead)).isoformat(), "date"
    )
    clay.figure(
        "forecast.p85",
        "forecast, 85 % sure",
        (clay.today + timedelta(days=ahead + rng.randint(2, 9))).isoformat(),
        "date",
    )


def _retro(clay: Clay) -> None:
    rng = clay.rng
    number = rng.randint(11, 60)
    clay.figure("sprint.name", "sprint", f"Sprint {number}", "text")
    clay.figure("sprint.name.previous", "previous sprint", f"Sprint {number - 1}", "text")
    groups = _board(clay)
    committed, added, removed = rng.randint(20, 44), rng.randint(2, 11), rng.randint(1, 8)
    final = committed + added - removed
    done = rng.randint(final // 3, final - 3)
    clay.figure("sprint.committed_points", "points committed at the start", committed, "points")
    clay.figure("sprint.added_points", "points added", added, "points", committed)
    clay.figure("sprint.removed_points", "points removed", removed, "points", committed)
    clay.figure("sprint.done_points", "points done", done, "points", final)
    clay.figure(
        "sprint.done_points.previous",
        "points done, previous sprint",
        rng.choice([n for n in range(8, 40) if n != done]),
        "points",
    )
    carried = groups["progress"][-3:]
    clay.listing("carried", "carried over", carried, len(clay.tasks))
    clay.pair("cycle.p50", "median cycle time", 2, 9, "days", "previous")
    clay.pair("cycle.p85", "cycle time, p85", 9, 19, "days", "previous")
    clay.figure("blocked.days", "working days spent blocked", rng.randint(6, 40), "working_days")
    clay.pair("say_do", "say/do", 45, 99, "percent", "previous")
    clay.figure(
        "sprint.end",
        "last day of the sprint",
        (clay.today - timedelta(days=rng.randint(0, 2))).isoformat(),
        "date",
    )
    clay.figure(
        "sprint.start", "first day of the sprint", (clay.today - timedelta(days=13)).isoformat(), "date"
    )
    clay.figure("actions.open", "open actions", rng.randint(1, 3), "count", 4)
