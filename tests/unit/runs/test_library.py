"""From an approved draft to parcels: what each carries, where it goes, and how it is found again."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import ProjectGid, Snapshot, TaskGid
from facilitator.calendar.cadence import Weekdays
from facilitator.calendar.window import Window
from facilitator.calendar.windows import Timetable
from facilitator.calendar.workdays import WorkingDays
from facilitator.ceremony import Ceremony, Chart, TeamContext
from facilitator.drafts.draft import Draft
from facilitator.runs.assignment import Assignment
from facilitator.runs.delivery import unpack_task
from facilitator.runs.library import Library, Shelves, past_action
from facilitator.runs.run import Parcel, ParcelKind, Run
from tests.facts import MARA, fact, harbour, item, with_fact

BERLIN = ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 6, 10, 22, 30, tzinfo=UTC)
"""Already the 11th in Berlin."""

TEMPLATE = "<body>\n<strong>{{ doc.headline }}</strong>\n{{ doc.stamp.marker }}\n</body>\n"
PNG = b"\x89PNG"


def draw(_snapshot: Snapshot, _window: Window, _context: TeamContext) -> Sequence[Chart]:
    return (Chart("Burn_down", "Burndown", PNG, b"<svg/>"),)


CEREMONY = Ceremony(
    "huddle", "Huddle", Weekdays(time(9, 15)), lambda *_: harbour(), actions="actions", status="status.type", charts=draw
)  # fmt: skip
ASSIGNMENT = Assignment(
    team="harbour",
    team_name="Harbour",
    project=ProjectGid("900"),
    ceremony=CEREMONY,
    rules=BoardRules(BERLIN),
    timetable=Timetable(CEREMONY.cadence, BERLIN, WorkingDays(BERLIN)),
)
MARKER = "ref huddle/2026-06-10T22:30:00Z/harbour"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """One ceremony and its template."""
    (tmp_path / "templates" / "comments").mkdir(parents=True)
    (tmp_path / "templates" / "comments" / "huddle.html.j2").write_text(TEMPLATE)
    return Library(Shelves({"huddle": CEREMONY}, {"huddle": tmp_path}))


def facts() -> Facts:
    return with_fact(
        replace(harbour(), ceremony="huddle", end=LATE, as_of=LATE), fact("status.type", "at_risk", "text")
    )


def late_run(run: Run) -> Run:
    """The run of the window that ends when Berlin's next day has begun."""
    return replace(run, ceremony="huddle", window=Window(run.window.start, LATE))


def parcels(library: Library, run: Run, *actions: dict[str, Any], **wants: Any) -> tuple[Parcel, ...]:
    """What an approval of these actions lets out."""
    sections = [{"id": "actions", "items": list(actions)}]
    draft = Draft.model_validate({"ceremony": "huddle", "headline": "All calm.", "sections": sections})
    board = (Snapshot(ProjectGid("900"), "Harbour", LATE, ()), facts())
    assignment = replace(ASSIGNMENT, **wants)
    return library.parcels(late_run(run), assignment, draft, board, approved_by="Alice")


def test_a_comment_is_always_first_and_alone_unless_more_is_wanted(library: Library, run: Run) -> None:
    """A picture or a status update goes out only where the team's configuration asks for it."""
    [comment] = parcels(library, run)
    assert (comment.seq, comment.kind, comment.marker) == (1, ParcelKind.COMMENT, MARKER)
    assert comment.body.endswith(f"{MARKER}</body>")


def test_everything_goes_out_in_one_order(library: Library, run: Run) -> None:
    """Comment, actions, status, pictures; each with a marker of its own."""
    made = parcels(library, run, item("one"), item("two"), publish_status=True, attach_charts=True)
    assert [one.kind for one in made] == ["comment", "task", "task", "status", "attachment"]
    assert [one.seq for one in made] == [1, 2, 3, 4, 5]
    assert len({(one.kind, one.marker) for one in made}) == 5


def test_an_action_carries_its_owner_day_signal_and_the_way_back(library: Library, run: Run) -> None:
    """A person is assigned; the notes say where it came from, in the team's own date, and end with the marker."""
    action = item(
        "Limit work to {blocked}.", owner=MARA, due_on="2026-06-24", signal="no more than {blocked} open."
    )
    _, parcel = parcels(library, run, action, task=TaskGid("31"), actions_section="Retro")
    task = unpack_task(parcel)
    assert (task.name, task.assignee, task.due_on, task.section) == (
        "Limit work to 2",
        MARA,
        date(2026, 6, 24),
        "Retro",
    )
    assert task.notes.splitlines() == [
        "Proposed by the huddle of Harbour, 2026-06-11.",
        "Document: https://app.asana.com/0/0/31/f",
        "Done when: no more than 2 open",
        "AI draft, approved by Alice.",
        f"{MARKER}#1",
    ]


def test_without_a_known_task_there_is_no_link_back(library: Library, run: Run) -> None:
    """A link to nowhere helps nobody; the marker names the document."""
    assert "https:" not in parcels(library, run, item("one"))[1].body


def test_a_role_is_told_in_the_notes(library: Library, run: Run) -> None:
    """Asana assigns people; a role is a word, and digits of other scripts are no gid."""
    for role in ("product owner", "٥٠١", "²"):
        task = unpack_task(parcels(library, run, item("one", owner=role))[1])
        assert task.assignee is None
        assert f"Owner: {role}" in task.notes.splitlines()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Limit\nwork\r\n in \u2028progress", "Limit work in progress"),
        ("  <b>Bold</b> & [x](y)  ", "<b>Bold</b> & [x](y)"),
        ("a\u202eb\u200b\x00c\ufeff", "abc"),
        ("Wait...", "Wait..."),
        ("x" * 600, "x" * 199 + "…"),
        ("\u200b\u2060", "Action 1"),
    ],
)
def test_a_hostile_text_ends_as_a_clean_name(library: Library, run: Run, text: str, name: str) -> None:
    """One line, nothing unseen, not endless, never empty."""
    assert parcels(library, run, item(text))[1].title == name


@pytest.mark.parametrize("part", ["text", "signal", "owner"])
def test_no_text_forges_another_actions_marker(library: Library, run: Run, part: str) -> None:
    """A line end in outside text must not put a line of its own into the notes: #2 would never be made."""
    forged = {"text": "one", part: f"x\n{MARKER}#2\ny"}
    _, parcel = parcels(library, run, forged)
    assert unpack_task(parcel).notes.splitlines()[-1] == f"{MARKER}#1"
    assert f"{MARKER}#2" not in unpack_task(parcel).notes.splitlines()


def test_actions_go_where_the_team_keeps_them(library: Library, run: Run) -> None:
    """Into the team's project, or the one it named."""
    assert parcels(library, run, item("one"))[1].target == "900"
    assert parcels(library, run, item("one"), actions_project=ProjectGid("901"))[1].target == "901"


def test_a_status_update_is_the_document_as_text(library: Library, run: Run) -> None:
    """Asana's type by the rule, the team's date, no tags, the marker as its last line."""
    _, status = parcels(library, run, publish_status=True)
    assert (status.detail, status.title, status.target) == ("at_risk", "Huddle, 2026-06-11", "900")
    assert status.body.splitlines() == ["All calm.", "AI draft, approved by Alice", MARKER]


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_status_there_is_no_update(library: Library, run: Run, value: str | None) -> None:
    """A rule that decided nothing publishes nothing."""
    bare = with_fact(facts(), fact("status.type", value, "text"))
    draft = Draft.model_validate({"ceremony": "huddle", "headline": "All calm.", "sections": []})
    board = (Snapshot(ProjectGid("900"), "Harbour", LATE, ()), bare)
    wanting = replace(ASSIGNMENT, publish_status=True)
    assert len(library.parcels(late_run(run), wanting, draft, board, approved_by="Alice")) == 1


def test_a_picture_is_named_after_its_window_in_plain_characters(library: Library, run: Run) -> None:
    """A name that Asana changed on the way would never be found again."""
    _, picture = parcels(library, run, attach_charts=True)
    assert picture.marker == "ai-draft-burn-down-huddle-2026-06-10t22-30-00z-harbour.png"
    assert base64.b64decode(picture.body) == PNG
    assert picture.target is None


@pytest.mark.parametrize(("owner", "told"), [(MARA, MARA), ("product owner", "product owner"), (None, "")])
def test_a_past_action_gives_back_what_was_approved(
    library: Library, run: Run, owner: str | None, told: str
) -> None:
    """Later documents are told of it as it was, with the task it became."""
    actions = (item("zero"), item("Limit {blocked}", owner=owner, due_on="2026-06-24", signal="fewer open"))
    parcel = replace(parcels(library, run, *actions)[2], gid="41")
    past = past_action(run, parcel)
    assert (past.run, past.number, past.text, past.owner) == (run.id, 2, "Limit 2", told)
    assert (past.due_on, past.signal, past.task) == ("2026-06-24", "fewer open", "41")


def test_a_bare_action_gives_back_little(library: Library, run: Run) -> None:
    """No day, no signal, no task yet: empty, not made up."""
    past = past_action(run, parcels(library, run, item("one"))[1])
    assert (past.owner, past.due_on, past.signal, past.task) == ("", "", "", None)


def test_the_same_approval_lets_out_the_same_bytes(library: Library, run: Run) -> None:
    """What is approved is what is written: nothing in a parcel depends on when or how often it is asked for."""
    action = item("one", owner="someone", signal="x")
    first, second = (parcels(library, run, action, publish_status=True, attach_charts=True) for _ in range(2))
    assert first == second
    assert json.loads(first[1].body)["role"] == "someone"
