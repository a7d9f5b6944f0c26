"""How good documents are: counts worked out by hand from a few runs."""

import json

import pytest

from facilitator.board.prediction import Scored
from facilitator.runs.followups import Opinion
from facilitator.runs.quality import Graded, Quality, edits_of, reports
from facilitator.runs.run import Run, RunState
from facilitator.runs.store import RunStore

from .conftest import NOW
from .test_audit import fill


def body(headline: str = "x", **sections: list[str]) -> str:
    """A draft's body with these items."""
    listed = [{"id": key, "items": items} for key, items in sections.items()]
    return json.dumps({"headline": headline, "sections": listed})


AGENT = ("agent", body(blocked=["a"], moved=["b"]))
EDIT = ("edit", body(blocked=["a"], moved=["c"]))


def one(
    run: str, state: str, result: str, *decisions: str, gradings: int = 1, drafts: object = (AGENT,)
) -> Graded:
    return Graded(run, "harbour", "standup", state, result, gradings, decisions, drafts)  # type: ignore[arg-type]


RUNS = [
    one("a", "written", "satisfied", "approved", gradings=2, drafts=(AGENT, EDIT)),
    one("b", "rejected", "max_iterations_reached", "revise", "rejected", gradings=3),
    one("c", "failed", "", gradings=0, drafts=()),
]
SAID = [Opinion("a", "31", "wrong", "501", "the date", 1, NOW), Opinion("a", "9:like", "like", "", "", 3, NOW),
        Opinion("z", "32", "wrong", "501", "other", 1, NOW)]  # fmt: skip
TRUTHS = [("harbour", "standup", Scored("f", "2026-06-12", True, 0.85, True)),
          ("harbour", "weekly", Scored("f", "2026-06-12", True, 0.85, False))]  # fmt: skip


def test_a_report_counts_what_was_said() -> None:
    """Of three runs two were graded, five gradings in all; one edit of one section; a complaint and three likes."""
    [report] = reports(RUNS, [], TRUTHS, SAID)
    assert (report.runs, report.states) == (3, {"failed": 1, "rejected": 1, "written": 1})
    assert (report.verdicts, report.gradings) == ({"max_iterations_reached": 1, "satisfied": 1}, 2.5)
    assert report.decisions == {"approved": 1, "rejected": 1, "revise": 1}
    assert (report.edited, report.edits_by_section) == (1, {"moved": 1})
    assert ([said.text for said in report.wrong], report.likes, report.dislikes) == (["the date"], 3, 0)
    assert (report.predictions, report.hit_rate) == (1, 1.0)
    assert report.brier == pytest.approx(0.15**2)


@pytest.mark.parametrize(
    ("drafts", "changed"),
    [
        ([AGENT], []),
        ([AGENT, EDIT], ["moved"]),
        ([AGENT, ("edit", body("y", blocked=["a"], moved=["b"]))], ["headline"]),
        ([AGENT, ("edit", body(blocked=["a"]))], ["moved"]),
        ([AGENT, ("agent", body(blocked=["z"]))], []),
        ([AGENT, EDIT, AGENT, EDIT], ["moved", "moved"]),
        ([("agent", ""), EDIT], []),
    ],
)
def test_an_edit_is_counted_by_the_sections_it_changed(
    drafts: list[tuple[str, str]], changed: list[str]
) -> None:
    """A section taken out counts, another draft of the agent does not, and purged words tell nothing."""
    assert edits_of(drafts) == changed


def test_what_a_mode_decided_is_nobodys_word(store: RunStore, run: Run) -> None:
    """The run log's own rows: a person's yes, one grading, one draft."""
    run = fill(store, run)
    with store.step(run, now=NOW) as step:
        step.move(RunState.WRITTEN, "x")
    [graded] = Quality(store.database).graded(team="harbour")
    assert (graded.state, graded.gradings, graded.decisions) == ("written", 1, ("approved",))
    assert [origin for origin, _ in graded.drafts] == ["agent"]
    assert Quality(store.database).graded(team="pier") == ()
