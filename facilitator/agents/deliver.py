"""The file a session leaves behind: found among its files, or put together again from its events.

Listing lags the end by a few seconds, so a missing file is asked for again for a while. What comes back says where it
came from. It is handed on unread: parsing and judging it is the business of `drafts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from facilitator.agents.client import BETA, Wire, plain
from facilitator.agents.log import Event
from facilitator.agents.sessions import Sessions
from facilitator.errors import AgentsError
from facilitator.runs.ports import Deliverable

DRAFT = "draft.json"
MAX_BYTES = 1024 * 1024
"""Nothing of this size is a draft; it is not downloaded."""

OUTPUTS = PurePosixPath("/mnt/session/outputs")
_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)\n[ \t]*```", re.DOTALL)
_GRADING_STARTS, _GRADING_ENDS = "span.outcome_evaluation_start", "span.outcome_evaluation_end"


@dataclass(slots=True)
class Written:
    """The file as the writer's own events tell it, folded as they come; what a grader did is not counted.

    Holds the calls that may have written it since the last write that surely did: a few kilobytes.
    """

    path: str
    _grading: bool = False
    _calls: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    _said: str | None = None

    def take(self, events: Iterable[Event]) -> None:
        """Read these events, in their order; one that is seen again changes nothing."""
        for event in events:
            kind = event.get("type")
            self._grading = kind == _GRADING_STARTS or (self._grading and kind != _GRADING_ENDS)
            if self._grading:
                continue
            if kind == "agent.tool_use":
                self._called(event)
            elif kind == "agent.tool_result":
                self._done(str(event.get("tool_use_id")), failed=bool(event.get("is_error")))
            elif kind == "agent.message":
                self._said = _fenced(event) or self._said

    def _called(self, event: Event) -> None:
        arguments = event.get("input")
        if isinstance(arguments, Mapping) and _is_output(arguments, self.path):
            self._calls[str(event.get("id"))] = (str(event.get("name")), arguments)

    def _done(self, call: str, *, failed: bool) -> None:
        if failed:
            self._calls.pop(call, None)
        elif call in self._calls and self._calls[call][0] == "write":
            for earlier in list(self._calls)[: list(self._calls).index(call)]:
                del self._calls[earlier]

    def file(self) -> Deliverable | None:
        """The file as it was left, else the last fenced JSON that was said, else None."""
        text: str | None = None
        for tool, arguments in self._calls.values():
            text = _apply(tool, arguments, text)
        if text is not None:
            return Deliverable(text, "last_write")
        return Deliverable(self._said, "last_message") if self._said is not None else None


async def fetch(
    sessions: Sessions, session_id: str, path: str, written: Deliverable | None = None
) -> Deliverable | None:
    """The file of this name from the session's outputs, else as its events tell it, else None.

    `written` is what they tell, where it is known; else they are read.

    An earlier iteration's file may still be listed for a moment: one that differs from the last write is looked at
    again, and taken only when the wait is over.
    """
    wire, stale = sessions.wire, None
    written = written or rebuilt(await sessions.events(session_id), path)
    looks = 1 + round(wire.intervals.file_wait / max(wire.intervals.file_poll, 0.001))
    for look in range(looks):
        if look:
            await wire.sleep(wire.intervals.file_poll)
        found = newest(await _files(wire, session_id), path)
        if found is not None:
            stale = Deliverable(await _download(wire, found), "file")
            if _agree(stale, written):
                return stale
    return stale or written


def _agree(file: Deliverable, written: Deliverable | None) -> bool:
    return written is None or written.source != "last_write" or file.text.strip() == written.text.strip()


def newest(files: Iterable[Mapping[str, Any]], path: str) -> Mapping[str, Any] | None:
    """The latest output of this name; mounted inputs stand in the same list, but cannot be downloaded."""
    name = PurePosixPath(path).name
    outputs = [
        file for file in files if file.get("filename") == name and file.get("downloadable") is not False
    ]
    return max(outputs, key=lambda file: str(file.get("created_at")), default=None)


def rebuilt(events: Iterable[Event], path: str) -> Deliverable | None:
    """The file as the writer's own tool calls or last fenced JSON left it."""
    told = Written(path)
    told.take(events)
    return told.file()


async def _files(wire: Wire, session_id: str) -> list[dict[str, Any]]:
    async def call() -> dict[str, Any]:
        files = wire.client.beta.files.with_raw_response
        return plain(await files.list(scope_id=session_id, limit=1000, betas=[BETA]))

    return list((await wire.read(f"listing the files of session {session_id}", call)).get("data") or [])


async def _download(wire: Wire, file: Mapping[str, Any]) -> str:
    name, size = file.get("filename"), file.get("size_bytes")
    if isinstance(size, int) and size > MAX_BYTES:
        raise AgentsError(
            f"{name} has {size} bytes; at most {MAX_BYTES} are read",
            suggestion="look at the session: the agent wrote something other than a draft",
        )

    async def call() -> bytes:
        answer = await wire.client.beta.files.download(str(file["id"]), betas=[BETA])
        return await answer.read()

    content = await wire.read(f"downloading {name}", call)
    return content.decode("utf-8", errors="replace")


def _is_output(arguments: Mapping[str, Any], path: str) -> bool:
    """A relative path counts: tools work from the session's own folder."""
    target = PurePosixPath(str(arguments.get("file_path") or ""))
    return target == OUTPUTS / path or (not target.is_absolute() and target.name == PurePosixPath(path).name)


def _apply(tool: str, arguments: Mapping[str, Any], text: str | None) -> str | None:
    if tool == "write" and isinstance(arguments.get("content"), str):
        return str(arguments["content"])
    if tool == "edit" and text is not None:
        old, new = str(arguments.get("old_string") or ""), str(arguments.get("new_string") or "")
        return text.replace(old, new, -1 if arguments.get("replace_all") else 1) if old else text
    return text


def _fenced(message: Event) -> str | None:
    """The last fenced JSON object in a message."""
    content = message.get("content")
    for block in reversed(content if isinstance(content, list) else []):
        words = block.get("text") if isinstance(block, Mapping) else None
        for fenced in reversed(_FENCE.findall(words) if isinstance(words, str) else []):
            if _is_object(fenced):
                return str(fenced)
    return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
