"""Every parser of outside bytes: whatever comes in, it is read, or refused with an error of our own. Nothing crashes, nothing hangs.

Bytes come in three kinds: noise, JSON of any shape, and honest documents with one place changed. Examples are few, since all run on
every commit; `HYPOTHESIS_PROFILE` may ask for more.
"""

import json
import string
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from facilitator.agents.cost import Prices
from facilitator.agents.deliver import rebuilt
from facilitator.agents.endings import Story, ending_of
from facilitator.agents.log import SessionLog
from facilitator.board.facts import Facts
from facilitator.board.snapshot import ProjectGid, StoryGid, TaskGid
from facilitator.drafts.draft import Draft, DraftUnreadable, parse_draft
from facilitator.drafts.editing import with_words, words_of
from facilitator.drafts.faults import Fault
from facilitator.drafts.richtext import RichTextError, escape, to_text, validate
from facilitator.drafts.rubric import load_rubric
from facilitator.errors import FacilitatorError
from facilitator.runs.answers import command
from facilitator.runs.approval_notes import words_in
from facilitator.runs.tools import INPUTS, build_tools
from facilitator.sandbox.workspace import pack_faults
from facilitator.settings import first_configuration, read_settings
from facilitator.web.hooks import _events, _is_recent
from tests.facts import draft as honest_draft
from tests.facts import harbour
from tests.packs import snapshot_of
from tests.unit.agents.service import ENDED, FakeService
from tests.unit.agents.service import ok as ok_page
from tests.unit.asana.fake import FakeAsana, ok, project, story, task

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 6, 10, 7, 15, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
NOISE = st.binary(max_size=300)


def said(error: Exception) -> None:
    """A refusal of ours says something."""
    if not str(error):
        raise AssertionError(f"{type(error).__name__} says nothing")


def places(document: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON document."""
    found = [way]
    children = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in children:
        found += places(value, (*way, key))
    return found


def changed(document: Any, way: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at one place."""
    if not way:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[way[0]] = changed(copy[way[0]], way[1:], value)
    return copy


def nearly(document: Any) -> st.SearchStrategy[Any]:
    """The document, but for one place."""
    return st.builds(
        lambda way, value: changed(document, way, value), st.sampled_from(places(document)), ANY_JSON
    )


# --- configuration ------------------------------------------------------------------------------------------------

FIRST = first_configuration(team="Harbour", project="77", zone="UTC", approvers=["Alice"])
LINES = FIRST.splitlines()


def configured(text: str) -> None:
    """Read, or refused with every fault told."""
    try:
        read = read_settings(text, Path("facilitator.toml"), {})
    except FacilitatorError as error:
        said(error)
        return
    assert read.teams


@FEW
@given(ANY_TEXT)
def test_a_configuration_of_noise(text: str) -> None:
    """Not TOML, or not ours."""
    configured(text)


@FEW
@given(st.integers(0, len(LINES) - 1), ANY_TEXT)
def test_a_configuration_with_one_line_changed(number: int, line: str) -> None:
    """One bad line is one clear refusal, or it was no bad line."""
    configured("\n".join([*LINES[:number], line, *LINES[number + 1 :]]))


@FEW
@given(st.sampled_from(sorted(tomllib.loads(FIRST)["teams"][0])), ANY_JSON)
def test_a_configuration_with_one_value_changed(key: str, value: Any) -> None:
    """Any key of a team may hold anything TOML can say."""
    try:
        said = json.dumps(value, ensure_ascii=True, allow_nan=False)
    except ValueError:
        return
    lines = [f"{key} = {said}" if line.startswith(f"{key} = ") else line for line in LINES]
    configured("\n".join(lines))


# --- drafts, facts, rich text -------------------------------------------------------------------------------------

DRAFT = json.loads(honest_draft().canonical())


def drafted(raw: bytes | str) -> None:
    """A draft, or unreadable; what was read can be written down and read again."""
    try:
        read = parse_draft(raw)
    except DraftUnreadable as error:
        said(error)
        return
    assert parse_draft(read.canonical()) == read


@FEW
@given(NOISE)
def test_a_draft_of_noise(raw: bytes) -> None:
    """Bytes that are no draft."""
    drafted(raw)


@FEW
@given(nearly(DRAFT))
def test_a_draft_with_one_place_changed(raw: Any) -> None:
    """Every member may be of any kind."""
    drafted(json.dumps(raw))


@pytest.mark.parametrize("open_", ["[", '{"a":', '{"sections":[{"items":['])
def test_a_draft_nested_without_end(open_: str) -> None:
    """Depth is refused like any other fault, not met with the stack."""
    drafted(open_ * 20_000)


@FEW
@given(nearly(json.loads(harbour().to_json())))
def test_facts_with_one_place_changed(raw: Any) -> None:
    """`drafts check` reads facts from a file."""
    try:
        Facts.from_json(json.dumps(raw))
    except ValueError as error:
        said(error)


@FEW
@given(ANY_TEXT)
def test_rich_text_of_noise(text: str) -> None:
    """Whatever is escaped is valid; whatever is not is refused, not crashed on."""
    validate(f"<body>{escape(text)}</body>")
    for html in (text, f"<body>{text}</body>"):
        for use in (validate, to_text):
            try:
                use(html)
            except RichTextError as error:
                said(error)


@FEW
@given(ANY_TEXT, st.integers(0, 40))
def test_a_hand_edit_of_noise(text: str, place: int) -> None:
    """Lines a person edited: a new draft, or a refusal that says what is wrong."""
    lines = words_of(honest_draft()).splitlines()
    lines[place % len(lines)] = text
    for edited in (text, "\n".join(lines)):
        try:
            assert isinstance(with_words(honest_draft(), edited), Draft)
        except (FacilitatorError, DraftUnreadable) as error:
            said(error)


@FEW
@given(ANY_TEXT)
def test_a_rubric_of_noise(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A rubric is a file of people's."""
    path = tmp_path_factory.mktemp("rubric") / "x.md"
    path.write_text(text.encode("utf-8", "replace").decode(), encoding="utf-8")
    with pytest.raises(FacilitatorError):
        load_rubric(path)


# --- tools --------------------------------------------------------------------------------------------------------

PACK: dict[str, Any] = {
    "format": "asana-workspace-pack/1",
    "name": "x",
    "as_of": "2026-06-10T07:15:00.000Z",
    "workspace": {"gid": "1", "name": "W"},
    "users": [{"gid": "5", "name": "Bob"}],
    "projects": [{"gid": "77", "name": "P", "workspace": {"gid": "1"}, "members": [{"gid": "5"}]}],
    "sections": [{"gid": "71", "name": "To do", "project": {"gid": "77"}}],
    "custom_fields": [{"gid": "9", "name": "N", "resource_subtype": "text"}],
    "tasks": [{"gid": "11", "name": "T", "created_at": "2026-06-01T07:15:00.000Z", "memberships": [{"project": {"gid": "77"}, "section": {"gid": "71"}}]}],
    "stories": {"11": [{"gid": "31", "resource_subtype": "comment_added", "created_at": "2026-06-02T07:15:00.000Z", "created_by": {"gid": "5"}, "text": "x"}]},
}  # fmt: skip


def checked(raw: str) -> list[Fault]:
    """What stands behind draft_check, as far as reading goes."""
    parse_draft(raw)
    return []


ANSWER = build_tools(snapshot_of(PACK), harbour(), checked)


@FEW
@given(st.sampled_from(sorted(INPUTS)) | ANY_TEXT, st.dictionaries(ANY_TEXT, ANY_JSON, max_size=3))
def test_a_tool_called_with_anything(name: str, arguments: dict[str, Any]) -> None:
    """An answer, always, and one that can be sent."""
    ANSWER(name, arguments).text.encode()


@FEW
@given(
    st.sampled_from(sorted(INPUTS)),
    st.sampled_from(["task_gid", "since", "limit", "comment_limit", "draft"]),
    ANY_JSON,
)
def test_a_tool_called_with_one_wrong_argument(name: str, key: str, value: Any) -> None:
    """The argument is named; its value, which may be long or hostile, is not repeated."""
    told = ANSWER(name, {"task_gid": "1", key: value})
    told.text.encode()
    assert len(told.text) < 20_000


@FEW
@given(nearly(DRAFT))
def test_a_draft_checked_in_any_form(raw: Any) -> None:
    """As an object and as text."""
    for given_ in (raw, json.dumps(raw)):
        ANSWER("draft_check", {"draft": given_}).text.encode()


# --- Managed Agents -----------------------------------------------------------------------------------------------

EVENTS: list[dict[str, Any]] = [
    {"id": "sevt_1", "type": "user.define_outcome", "outcome_id": "outc_1", "processed_at": "2026-06-10T07:15:00Z"},
    {"id": "sevt_2", "type": "agent.custom_tool_use", "name": "board_get_task", "input": {"task_gid": "1"}},
    {"id": "sevt_3", "type": "agent.tool_use", "name": "write", "input": {"file_path": "/mnt/session/outputs/draft.json", "content": "{}"}},
    {"id": "sevt_4", "type": "agent.message", "content": [{"type": "text", "text": "```json\n{}\n```"}]},
    {"id": "sevt_5", "type": "span.outcome_evaluation_end", "outcome_id": "outc_1", "iteration": 0, "result": "satisfied", "usage": {"input_tokens": 1}},
    {"id": "sevt_6", "type": "session.usage", "usage": {"input_tokens": 5}},
    {"id": "sevt_7", "type": "session.error", "error": {"type": "x", "message": "y", "retry_status": {"type": "retrying"}}},
    {"id": "sevt_8", "type": "session.status_idle", "stop_reason": {"type": "end_turn"}, "stop_details": None},
]  # fmt: skip

SATISFIED = EVENTS[4]


@FEW
@given(nearly(EVENTS))
@example([{**EVENTS[2], "id": []}])
def test_a_session_with_one_event_changed(raw: Any) -> None:
    """Later shapes of events, nulls and strangers: the log is folded, and says how the session ended."""
    events = [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []
    log = SessionLog()
    kept = log.take(events)
    for read in (
        log.stop,
        log.pending,
        log.verdicts,
        log.usage,
        log.grader_tokens,
        log.last_error,
        log.elapsed,
    ):
        read()
    rebuilt(kept, "draft.json")
    ending_of(Story(log, {}, Prices()))


HEADS = (b"data: ", b"event: message\ndata: ", b"id: 1\nretry: x\ndata: ", b": ", b"", b"data")


@pytest.mark.anyio
@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(HEADS),
            NOISE
            | (nearly(EVENTS[1]) | st.sampled_from(EVENTS[:3])).map(lambda one: json.dumps(one).encode()),
            st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r", b""]),
        ),
        max_size=5,
    )
)
async def test_a_stream_of_anything(frames: list[tuple[bytes, bytes, bytes]]) -> None:
    """Noise, torn frames and strangers between real ones: the history, which is listed anew, says how the session ended."""
    service = FakeService(stored={"id": "sesn_1", "type": "session", "status": "running"})
    service.add(EVENTS[0])

    def told(_service: FakeService) -> Response:
        service.add(SATISFIED, ENDED)
        service.stored["status"] = "idle"
        return Response(
            200, headers={"content-type": "text/event-stream"}, content=b"".join(map(b"".join, frames))
        )

    before = ok_page({"data": service.history[:], "next_page": None})
    service.replies = {"GET sessions/ID/events/stream": [told], "GET sessions/ID/events": [before]}
    ending = await service.follow()
    assert ending.result == "satisfied"


# --- Asana --------------------------------------------------------------------------------------------------------

Read = Callable[[FakeAsana], Any]
TASK = task(
    "11",
    notes="x",
    assignee={"gid": "5", "name": "Bob"},
    custom_fields=[{"gid": "9", "resource_subtype": "text", "text_value": "v"}],
)
STORY = story("31", "comment_added", text="x", created_by={"gid": "5", "name": "Bob"}, target={"gid": "11"})


@pytest.mark.anyio
@FEW
@given(nearly(TASK), nearly(STORY))
async def test_a_project_with_one_value_changed(raw_task: Any, raw_story: Any) -> None:
    """A record that is broken is left out and counted; the rest is read, or Asana is said to make no sense."""
    try:
        asana = project(task("12"), raw_task)
        told = ok([raw_story])
    except UnicodeEncodeError:
        return  # no HTTP body can hold a lone surrogate as it is
    for gid in ("11", "12"):
        asana.on(f"GET /tasks/{gid}/stories", told)
    if (
        isinstance(raw_task, dict)
        and isinstance(raw_task.get("gid"), str)
        and raw_task["gid"] not in ("11", "12")
    ):
        return  # another gid is another address, which this scripted Asana does not serve
    try:
        read = await asana.tracker().read_project(ProjectGid("77"), as_of=NOW)
    except FacilitatorError as error:
        said(error)
        return
    assert "12" in {one.gid for one in read.tasks}


@pytest.mark.anyio
@FEW
@given(ANY_JSON)
async def test_an_answer_of_asana_that_is_anything(body: Any) -> None:
    """One object or a list, of any shape: our own error, or something read."""
    try:
        answer = ok(body)
    except UnicodeEncodeError:
        return
    asana = FakeAsana()
    for call in (
        "GET /users/me",
        "GET /projects/77",
        "GET /projects/77/tasks",
        "GET /stories/31",
        "POST /tasks/11/stories",
    ):
        asana.on(call, answer)
    tracker = asana.tracker()
    for use in (
        tracker.me,
        lambda: tracker.project(ProjectGid("77")),
        lambda: tracker.find_task(ProjectGid("77"), "x"),
        lambda: tracker.read_comment(StoryGid("31")),
        lambda: tracker.post_comment(TaskGid("11"), "<body>x</body>"),
    ):
        try:
            await use()
        except FacilitatorError as error:
            said(error)


# --- deliveries, commands, workspace files ------------------------------------------------------------------------


@FEW
@given(
    NOISE
    | ANY_JSON.map(lambda body: json.dumps(body).encode())
    | ANY_JSON.map(lambda body: json.dumps({"events": body}).encode())
)
def test_a_delivery_of_anything(body: bytes) -> None:
    """A webhook's body, signed or not: a list of events, of which none is believed for being there."""
    assert _is_recent(_events(body), NOW) in (True, False)


@FEW
@given(
    ANY_TEXT
    | st.sampled_from(["approve", "reject", "revise"]).flatmap(
        lambda word: ANY_TEXT.map(lambda rest: word + rest)
    )
)
def test_a_comment_that_may_be_a_command(text: str) -> None:
    """Only a comment that is one command and nothing else decides."""
    found = command(text)
    words_in(text)
    if found is not None and found.wish == "approve" and not found.fault:
        assert text.strip(string.whitespace + ".!\u00a0").casefold().strip() == "approve"


@FEW
@given(ANY_JSON | nearly(PACK))
def test_a_workspace_file_of_anything(pack: Any) -> None:
    """Faults by name, or a world that can be served."""
    assert all(isinstance(fault, str) for fault in pack_faults(pack))
