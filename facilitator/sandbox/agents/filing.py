"""The Files API's routes: upload, list, describe, download, delete.

Uploads and mounted copies cannot be downloaded, deliverables can. What a session's container holds is in files.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from facilitator.sandbox.agents.bodies import Empty
from facilitator.sandbox.agents.files import StoredFile
from facilitator.sandbox.agents.queries import FileListQuery
from facilitator.sandbox.agents.state import SandboxState, loop_time
from facilitator.sandbox.agents.wire import Json, invalid, page_of, read_query, stamp


async def upload_file(state: SandboxState, request: Request) -> Json:
    """Take one file as multipart form data; only the last part of its name is kept."""
    async with request.form(max_files=1) as form:
        if unknown := sorted(set(form) - {"file", "expires_in_seconds"}):
            raise invalid(f"{unknown[0]}: Extra inputs are not permitted")
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise invalid("file: Field required")
        content = await sent.read()
        name = (sent.filename or "unnamed").replace("\\", "/").rsplit("/", 1)[-1] or "unnamed"
        file = StoredFile(
            state.ids.new("file"),
            name,
            content,
            state.now(),
            mime_type=sent.content_type or "",
            expires_at=_expiry(state, form.get("expires_in_seconds")),
        )
    state.files[file.id] = file
    return file.metadata()


def _expiry(state: SandboxState, seconds: Any) -> str | None:
    if seconds is None:
        return None
    if not str(seconds).isdigit() or not 3600 <= int(seconds) <= 7_776_000:
        raise invalid("expires_in_seconds: must be between 3600 and 7776000")
    return stamp(state.clock() + timedelta(seconds=int(seconds)))


async def list_files(state: SandboxState, request: Request) -> Json:
    """List files, newest first: a session's with `scope_id`, else the uploads. Fresh deliverables lag behind the idle."""
    query = read_query(request, FileListQuery)
    now = loop_time()
    found = [file for file in state.files.values() if file.listed(now) and file.scope == query.scope_id]
    if query.ids is not None:
        found = [file for file in state.files.values() if file.listed(now) and file.id in query.ids]
    cut, after, _ = page_of(
        found, lambda file: f"{file.created_at}#{file.id}", limit=query.limit, page=query.page, order="desc"
    )
    ids = [file.id for file in cut]
    return {
        "data": [file.metadata() for file in cut],
        "next_page": after,
        "has_more": after is not None,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


async def get_file(state: SandboxState, request: Request) -> Json:
    """One file's metadata."""
    read_query(request, Empty)
    return state.file(request.path_params["id"]).metadata()


async def download_file(state: SandboxState, request: Request) -> Response:
    """The raw bytes of a deliverable."""
    read_query(request, Empty)
    file = state.file(request.path_params["id"])
    if not file.downloadable:
        raise invalid(f"File {file.id} is not downloadable")
    return Response(file.content, media_type="application/octet-stream")


async def delete_file(state: SandboxState, request: Request) -> Json:
    """Delete one file; copies mounted from it stay."""
    read_query(request, Empty)
    file = state.file(request.path_params["id"])
    del state.files[file.id]
    return {"id": file.id, "type": "file_deleted"}
