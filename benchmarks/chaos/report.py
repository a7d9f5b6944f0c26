"""What the world and the run log say after the last curtain: counted, and judged against the promise.

The world is asked, not the program: a comment counts where the simulated Asana holds it, a session where the simulated
Managed Agents does. The run log is asked only for what it claims.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from benchmarks.chaos.stage import Stage
from facilitator.runs.run import ParcelKind, Run, RunState


@dataclass
class Report:
    """Counts of one or more acts; every list holds sentences that name a run."""

    runs: int = 0
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    comments_per_window: Counter[int] = field(default_factory=Counter)
    sessions_per_run: Counter[int] = field(default_factory=Counter)
    results_per_call: Counter[int] = field(default_factory=Counter)
    words: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    seconds: float = 0.0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def __add__(self, other: Report) -> Report:
        """Both together."""
        return Report(
            **{one.name: _sum(getattr(self, one.name), getattr(other, one.name)) for one in fields(Report)}
        )

    @property
    def clean(self) -> bool:
        """Whether the promise was kept."""
        return not (self.lost or self.doubled or self.stuck)

    @property
    def line(self) -> str:
        """The one line that counts."""
        return f"{self.runs} runs, {len(self.lost)} lost, {len(self.doubled)} duplicated, {len(self.stuck)} stuck"


def _sum(one: Any, other: Any) -> Any:
    return dict(Counter(one) + Counter(other)) if type(one) is dict else one + other


def counted(stage: Stage) -> Report:
    """Count one act's end."""
    report = Report(runs=len(stage.due))
    world = stage.world.asana.world.tables
    comments = _marked(story.get("text") or "" for story in world["story"].values())
    runs = []
    for due in stage.due:
        run = stage.app.store.find(due.key)
        if run is None:
            report.lost.append(f"{due.key} is not in the run log")
            continue
        runs.append(run)
        report.states[run.state] += 1
        _judge(report, run, comments[f"ref {run.key}"], _at(stage, run))
    for line, copies in comments.items():
        if copies > 1:
            report.doubled.append(f"{copies} comments end with {line!r}")
    _sessions(stage, report)
    _parcels(stage, runs, report)
    return report


def _judge(report: Report, run: Run, comments: int, session: str) -> None:
    report.comments_per_window[comments] += 1
    if not run.ended:
        report.stuck.append(f"{run.key} ({run.id}) is {run.state}: {run.reason}{session}")
    elif run.state is RunState.WRITTEN:
        if not comments:
            report.lost.append(f"{run.key} is written and Asana has no comment of it")
    else:
        report.reasons[f"{run.state}: {run.reason[:90]}"] += 1
        if not run.reason:
            report.lost.append(f"{run.key} is {run.state} and nobody knows why")
        if comments:
            report.lost.append(f"{run.key} is {run.state} although its comment is in Asana")


def _at(stage: Stage, run: Run) -> str:
    """Where the run's session stands, by the service and by the run log: who looks for what got stuck begins here."""
    sessions = stage.world.agents_app.state.sandbox.sessions  # type: ignore[attr-defined]
    session = sessions.get(run.session_id)
    if session is None:
        return ""
    with stage.app.locks.hold(run.id) as free:
        held = "nobody is at work on it" if free else "a process is at work on it"
    told, kept = [event["type"] for event in session.log.events], len(stage.app.store.events(run.id))
    return (
        f"; {held}; its session is {session.status} after {told[-3:]}, {kept} of {len(told)} events were read"
    )


def _sessions(stage: Stage, report: Report) -> None:
    """One session at work for each attempt at a run; a spare was never started, and is archived."""
    sessions = stage.world.agents_app.state.sandbox.sessions.values()  # type: ignore[attr-defined]
    used, living = Counter[str](), Counter[str]()
    for session in sessions:
        key = session.metadata.get("run_key", "")
        used[key] += bool(session.outcomes)
        living[key] += session.archived_at is None
        answers = Counter(
            event["custom_tool_use_id"]
            for event in session.log.events
            if event["type"] == "user.custom_tool_result"
        )
        report.results_per_call.update(answers.values())
        report.doubled += [f"{key}: call {call} answered {n} times" for call, n in answers.items() if n > 1]
    report.sessions_per_run.update(used.values())
    report.doubled += [f"{key}: {n} sessions were started" for key, n in used.items() if n > 1]
    report.doubled += [f"{key}: {n} sessions are open" for key, n in living.items() if n > 1]


def _parcels(stage: Stage, runs: Iterable[Run], report: Report) -> None:
    """What else an approval writes: each thing that the run log calls written is in the world, and there once."""
    world = stage.world.asana.world.tables
    found = {
        ParcelKind.TASK: _marked(task.get("notes") or "" for task in world["task"].values()),
        ParcelKind.STATUS: _marked(status["text"] for status in world["status_update"].values()),
        ParcelKind.ATTACHMENT: Counter(one["name"] for one in world["attachment"].values()),
    }
    for kind, marked in found.items():
        report.doubled += [f"{n} of {kind} {line!r}" for line, n in marked.items() if n > 1]
    for run in runs:
        for parcel in stage.app.store.parcels(run.id):
            if parcel.written_at and parcel.kind in found and not found[parcel.kind][parcel.marker]:
                report.lost.append(f"{run.key}: {parcel.kind} {parcel.marker!r} is not in Asana")
    names = Counter(
        task["name"] for task in world["task"].values() if "ref task/" in (task.get("notes") or "")
    )
    report.doubled += [f"{n} tasks are named {name!r}" for name, n in names.items() if n > 1]


def _marked(texts: Iterator[str]) -> Counter[str]:
    lines = (text.splitlines()[-1] for text in texts if text.strip())
    return Counter(line for line in lines if line.startswith("ref "))


def told(report: Report) -> str:
    """The report for people; its last line is the bar."""
    lines = [
        f"states: {counts(report.states)}",
        f"decisions: {counts(report.words)}",
        f"comments per window: {counts(report.comments_per_window)}",
        f"started sessions per attempt: {counts(report.sessions_per_run)}",
        f"answers per tool call: {counts(report.results_per_call)}",
        f"faults met: {sum(report.faults.values())} ({counts(report.faults)})",
        f"killed: {counts(report.kills)}; ended by themselves: {report.deaths}; {report.seconds:.0f} s",
        "not written:",
        *(f"  {count} x {reason}" for reason, count in report.reasons.most_common(25)),
    ]
    for name in ("lost", "doubled", "stuck"):
        lines += [f"{name}: {sentence}" for sentence in getattr(report, name)]
    return "\n".join([*lines, report.line])


def counts(found: Mapping[Any, int]) -> str:
    """How often each was met, in a line."""
    return ", ".join(f"{key}: {count}" for key, count in sorted(found.items(), key=lambda one: str(one[0])))
