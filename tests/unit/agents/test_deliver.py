"""Which file is the draft, and how it is put together again where no file is listed."""

from __future__ import annotations

from typing import Any

import pytest

from facilitator.agents.deliver import Written, newest, rebuilt
from facilitator.runs.ports import Deliverable

PATH = "/mnt/session/outputs/draft.json"


def use(number: int, name: str = "write", path: str = PATH, **arguments: Any) -> dict[str, Any]:
    """A built-in tool was used."""
    return {
        "type": "agent.tool_use",
        "id": f"u{number}",
        "name": name,
        "input": {"file_path": path, **arguments},
    }


def failed(number: int) -> dict[str, Any]:
    """It did not work."""
    return {"type": "agent.tool_result", "id": f"r{number}", "tool_use_id": f"u{number}", "is_error": True}


def said(text: str | None) -> dict[str, Any]:
    """The agent said something."""
    return {"type": "agent.message", "id": f"m{text}", "content": [{"type": "text", "text": text}]}


def grading(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """What happened while the grader looked."""
    start = {"type": "span.outcome_evaluation_start", "id": "s"}
    return [start, *events, {"type": "span.outcome_evaluation_end", "id": "e"}]


def text_of(*events: dict[str, Any]) -> tuple[str, str] | None:
    """The rebuilt text and its source."""
    found = rebuilt(events, "draft.json")
    return (found.text, found.source) if found else None


def test_the_newest_output_of_the_name_is_taken() -> None:
    """A later file replaces an earlier one; others are not looked at."""
    files = [
        {"filename": "draft.json", "id": "old", "created_at": "2026-06-12T12:00:00Z", "downloadable": True},
        {"filename": "draft.json", "id": "new", "created_at": "2026-06-12T12:01:00Z", "downloadable": True},
        {"filename": "notes.md", "id": "notes", "created_at": "2026-06-12T12:02:00Z", "downloadable": True},
    ]

    found = newest(files, "draft.json")

    assert found is not None
    assert found["id"] == "new"


def test_a_mounted_input_is_not_an_output() -> None:
    """Inputs stand in the same list, and cannot be downloaded."""
    assert newest([{"filename": "draft.json", "downloadable": False}], "draft.json") is None


def test_the_last_write_and_its_edits_are_replayed() -> None:
    """Edits apply to what was written before them, one place or all."""
    events = [
        use(1, content="a a b"),
        use(2, "edit", old_string="a", new_string="x"),
        use(3, "edit", old_string="x", new_string="y", replace_all=True),
        use(4, "edit", old_string="", new_string="!"),
        use(5, "read"),
    ]

    assert text_of(*events) == ("y a b", "last_write")


def test_a_later_write_replaces_everything() -> None:
    """A write is the whole file."""
    assert text_of(use(1, content="one"), use(2, content="two")) == ("two", "last_write")


def test_what_failed_was_not_written() -> None:
    """A call whose result is an error changed nothing."""
    assert text_of(use(1, content="good"), use(2, content="bad"), failed(2)) == ("good", "last_write")


def test_what_the_grader_wrote_is_not_the_draft() -> None:
    """Calls during a grading are not the writer's."""
    assert text_of(use(1, content="mine"), *grading(use(2, content="its"))) == ("mine", "last_write")
    assert text_of(*grading(said('```json\n{"a": 1}\n```'))) is None


@pytest.mark.parametrize("path", ["draft.json", "./draft.json", "outputs/draft.json"])
def test_a_relative_path_counts(path: str) -> None:
    """The agent may have worked from its own folder."""
    assert text_of(use(1, path=path, content="c")) == ("c", "last_write")


@pytest.mark.parametrize(
    "path", ["/mnt/session/uploads/draft.json", "/home/draft.json", "/mnt/session/outputs/other.json", ""]
)
def test_files_elsewhere_do_not_count(path: str) -> None:
    """Only the deliverable's own place does."""
    assert text_of(use(1, path=path, content="c")) is None


def test_an_edit_of_an_unknown_file_gives_nothing() -> None:
    """What stood there before is not known, so nothing is made up."""
    assert text_of(use(1, "edit", old_string="a", new_string="b")) is None


def test_odd_calls_are_passed_over() -> None:
    """Input that is no object, content that is no text."""
    odd = [{"type": "agent.tool_use", "id": "u1", "name": "write", "input": "x"}, use(2, content=7)]

    assert text_of(*odd) is None


def test_the_last_fenced_object_of_the_last_message_is_the_last_resort() -> None:
    """Words around it, other fences and broken JSON are passed over."""
    first = said('```json\n{"draft": 1}\n```')
    last = said('Here:\n```json\n{"draft": 2}\n```\nand\n```\n[1]\n```\n```json\n{broken\n```')

    assert text_of(first, last) == ('{"draft": 2}', "last_message")
    assert text_of(first, last, said("Done."), said(None)) == ('{"draft": 2}', "last_message")


def test_a_session_that_said_nothing_of_use_gives_none() -> None:
    """No draft is better than a guess."""
    assert text_of() is None
    assert (
        text_of(said("All done."), {"type": "agent.message", "id": "m", "content": [{"type": "redacted"}]})
        is None
    )


def test_a_write_that_surely_happened_is_what_counts_from_then_on() -> None:
    """Earlier calls are let go of; an edit seen twice, first unstamped, is made once."""
    told = Written("draft.json")
    edit = use(3, "edit", old_string="b", new_string="bb")
    done = {"type": "agent.tool_result", "id": "r2", "tool_use_id": "u2"}
    told.take([use(1, content="a"), use(2, content="b"), done, edit, edit])

    assert told.file() == Deliverable("bb", "last_write")


@pytest.mark.parametrize("odd", [7, "text", {"text": "x"}, [{"text": 7}], None])
def test_a_message_of_another_shape_tells_nothing(odd: object) -> None:
    """What follows the session must not stumble over it."""
    assert text_of({"type": "agent.message", "id": "m", "content": odd}) is None
