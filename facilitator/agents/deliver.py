"""The file a session leaves behind: found among its files, or put together again from its events.

Listing lags the end by a few seconds, so a missing file is asked for again for a while. What comes back says where it
came from. It is handed on unread: parsing and judging it is the business of `drafts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from facilitator.agents.client import BETA, Wire, plain
from facilitator.agents.log import Event
from facilitator.agents.sessions import Sessions
from facilitator.errors import AgentsError
from facilitator.runs.ports import Deliverable

MAX_BYTES = 1024 * 1024
"""Nothing of this size is a draft; it is not downloaded."""

OUTPUTS = PurePosixPath("/mnt/session/outputs")
_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)\n[ \t]*```", re.DOTALL)
_GRADING_STARTS, _GRADING_ENDS = "span.outcome_evaluation_start", "span.outcome_evaluation_end"


async def fetch(sessions: Sessions, session_id: str, path: str) -> Deliverable | None:
    """The file of this name from the session's outputs, else rebuilt from its events, else None.

    An earlier iteration's file may still be listed for a moment: one that differs from the last write is looked at
    again, and taken only when the wait is over.
    """
    wire, stale = sessions.wire, None
    written = rebuilt(await sessions.events(session_id), path)
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
    """The file as the writer's own tool calls or last fenced JSON left it; what a grader did is not counted."""
    own = _outside_grading(events)
    if (written := _replay(own, path)) is not None:
        return Deliverable(written, "last_write")
    if (said := _last_fenced(own)) is not None:
        return Deliverable(said, "last_message")
    return None


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


def _outside_grading(events: Iterable[Event]) -> list[Event]:
    own, grading = [], False
    for event in events:
        kind = event.get("type")
        grading = kind == _GRADING_STARTS or (grading and kind != _GRADING_ENDS)
        if not grading:
            own.append(event)
    return own


def _replay(events: list[Event], path: str) -> str | None:
    failed = {
        str(event.get("tool_use_id"))
        for event in events
        if event.get("type") == "agent.tool_result" and event.get("is_error")
    }
    text: str | None = None
    for event in events:
        arguments = event.get("input")
        done = event.get("type") == "agent.tool_use" and str(event.get("id")) not in failed
        if done and isinstance(arguments, Mapping) and _is_output(arguments, path):
            text = _apply(str(event.get("name")), arguments, text)
    return text


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


def _last_fenced(events: list[Event]) -> str | None:
    for event in reversed(events):
        if event.get("type") != "agent.message":
            continue
        for block in reversed(event.get("content") or []):
            words = block.get("text") if isinstance(block, Mapping) else None
            for fenced in reversed(_FENCE.findall(words or "")):
                if _is_object(fenced):
                    return str(fenced)
    return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
