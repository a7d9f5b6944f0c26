"""A house to visit: two teams, and runs written straight into the run log in whatever state a test wants."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import runner
from facilitator.board.facts import Facts
from facilitator.board.snapshot import ProjectGid, Snapshot, TaskGid
from facilitator.board.wishes import Edit, Sight, Wish
from facilitator.calendar.window import Window
from facilitator.drafts.draft import Draft, parse_draft
from facilitator.runs.database import open_database
from facilitator.runs.ports import Usage, Verdict
from facilitator.runs.run import Decision, DecisionKind, Mode, Run, RunState
from facilitator.runs.step import Step
from facilitator.service.application import Application

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 6, 10, 7, 20, tzinfo=UTC)
"""A Wednesday, twenty minutes past nine in Berlin."""

CONFIGURATION = """
[web]
port = 8484

[[teams]]
slug = "harbour"
name = "Harbour"
project = "1200000000000001"
zone = "Europe/Berlin"
approvers = ["Alice", "Erin"]
viewers = ["Bob"]
admins = ["Carol"]

[teams.ceremonies.standup]
[teams.ceremonies.weekly_status]
[teams.ceremonies.retro]

[[teams]]
slug = "quay"
name = "Quay"
project = "1200000000000002"
zone = "America/New_York"
approvers = ["Dora"]

[teams.ceremonies.standup]
"""


@dataclass
class House:
    """The program over one run log, and short words to put runs into it."""

    app: Application
    now: datetime = NOW
    board: Snapshot | None = None

    def later(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by

    def run(
        self,
        state: RunState = RunState.JUDGED,
        *,
        team: str = "harbour",
        ceremony: str = "standup",
        end: datetime = NOW,
        mode: Mode = Mode.APPROVE,
        draft: Draft | None = None,
    ) -> Run:
        """A run of the window that ends then, moved to this state with all it leaves on its way."""
        store = self.app.store
        window = Window(end - timedelta(days=1), end)
        run, _new = store.fire(team, ceremony, window, mode=mode, trigger="schedule", now=end)
        path = _way(state)
        for after in path:
            with store.step(run, now=end + timedelta(seconds=30), by="pipeline") as step:
                _leave(self, step, after, ceremony, draft or example_draft(ceremony))
                step.move(after, _WHY.get(after, f"to {after}"))
            run = step.run
        return run

    def proposing(self, run: Run) -> Run:
        """The same run with a change of two tasks proposed beside its draft."""
        with self.app.store.step(run, now=self.app.clock()) as step:
            for gid in ("5", "6"):
                sight = Sight("1200000000000001", self.now, None, completed=False, fields={})
                wish = Wish(TaskGid(gid), "todo", "done", sight, Edit(completed=True))
                step.keep_proposal(wish, origin="facts")
        return step.run


_WHY = {
    RunState.JUDGED: "satisfied after 2 gradings; every check passed",
    RunState.FAILED: "Asana could not be reached. Try again.",
    RunState.REJECTED: "rejected by Alice: wrong sprint",
    RunState.EXPIRED: "nobody decided in time",
    RunState.WRITTEN: "the comment was read back",
}


def _way(state: RunState) -> list[RunState]:
    way = [RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED, RunState.APPROVED, RunState.WRITTEN]
    if state is RunState.SCHEDULED:
        return []
    if state in way:
        return way[: way.index(state) + 1]
    return [*way[:3], state]


def _leave(house: House, step: Step, after: RunState, ceremony: str, draft: Draft) -> None:
    facts = example_facts(ceremony)
    if after is RunState.GATHERED:
        empty = Snapshot(ProjectGid("1200000000000001"), "Harbour board", facts.as_of, tasks=())
        step.keep_snapshot(house.board or empty)
        step.keep_facts(facts)
    if after is RunState.SUBMITTED:
        step.set(
            session_id="sesn_1",
            outcome_id="outc_1",
            console_url="https://platform.claude.com/sessions/sesn_1",
        )
    if after is RunState.JUDGED:
        known = house.app.library.ceremony(ceremony)
        verdicts = [
            Verdict(0, "needs_revision", "D2: a blocker is missing."),
            Verdict(1, "satisfied", "All met."),
        ]
        step.keep_verdicts("outc_1", verdicts)
        step.keep_usage(Usage(1200, 800, 9000, 300, 400, 41.0, 7.5))
        step.keep_draft(draft, house.app.library.check(known, draft, facts), origin="agent")
        step.set(result="satisfied", expires_at=house.now + timedelta(hours=24))
    if after in (RunState.APPROVED, RunState.REJECTED):
        kind = DecisionKind.APPROVED if after is RunState.APPROVED else DecisionKind.REJECTED
        digest = step.run.draft_digest or ""
        step.keep_decision(Decision(kind, "Alice", "", digest, house.now, "web"))
    if after is RunState.WRITTEN:
        step.set(task_gid="1299", story_gid="1300")


def example_facts(ceremony: str) -> Facts:
    """The facts of the rubric's own examples."""
    return Facts.from_json((ROOT / "rubrics" / "examples" / ceremony / "facts.json").read_text())


def example_draft(ceremony: str) -> Draft:
    """The rubric's own good draft."""
    return parse_draft((ROOT / "rubrics" / "examples" / ceremony / "good-normal.json").read_text())


@lru_cache(maxsize=1)
def _empty_run_log() -> bytes:
    """A run log with its tables and nothing in them: made once, since that takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        open_database(f"sqlite:///{path}").dispose()
        return path.read_bytes()


def furnished(folder: Path, configuration: str = CONFIGURATION) -> House:
    """The program beside a configuration in the folder, over an empty run log, at nine on a Wednesday."""
    path = folder / "facilitator.toml"
    (folder / "facilitator.sqlite3").write_bytes(_empty_run_log())
    path.write_text(configuration, encoding="utf-8")
    keys = {"ASANA_ACCESS_TOKEN": "canary-asana-token", "ANTHROPIC_API_KEY": "canary-anthropic-key"}
    house = House(runner.compose(path, keys))
    house.app = replace(house.app, clock=lambda: house.now)
    return house
