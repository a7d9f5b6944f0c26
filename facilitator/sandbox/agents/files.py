"""Files: what was uploaded, what is mounted in a session's container, what a session left in its outputs.

Owns the container's file system (a mapping of paths) and the listing a client sees, with its lag. It does not know who
writes: the session's engine puts files in, the routes read them out.
"""

from __future__ import annotations

import mimetypes
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field

from facilitator.sandbox.agents.wire import Json, invalid

UPLOADS = "/mnt/session/uploads"
OUTPUTS = "/mnt/session/outputs"


@dataclass
class StoredFile:
    """One file of the Files API. `visible_at` is on the loop's monotonic clock; None while not listed yet."""

    id: str
    filename: str
    content: bytes
    created_at: str
    scope: str | None = None
    downloadable: bool = False
    expires_at: str | None = None
    mime_type: str = ""
    visible_at: float | None = 0.0

    def metadata(self) -> Json:
        """The object the API answers; `scope` is null for what a client uploaded."""
        return {
            "id": self.id,
            "type": "file",
            "filename": self.filename,
            "mime_type": self.mime_type
            or mimetypes.guess_type(self.filename)[0]
            or "application/octet-stream",
            "size_bytes": len(self.content),
            "created_at": self.created_at,
            "downloadable": self.downloadable,
            "expires_at": self.expires_at,
            "scope": {"type": "session", "id": self.scope} if self.scope else None,
        }

    def listed(self, now: float) -> bool:
        """Whether a listing made at this instant of the loop's clock shows it."""
        return self.visible_at is not None and self.visible_at <= now


def mount_point(file_id: str, mount_path: str | None) -> str:
    """Where a resource is mounted: under the uploads directory, a leading slash stripped, `..` a 400 [H]."""
    wanted = (mount_path or file_id).lstrip("/")
    if ".." in wanted.split("/") or not wanted:
        raise invalid("resources.mount_path: must stay within the uploads directory")
    return posixpath.join(UPLOADS, posixpath.normpath(wanted))


@dataclass
class Container:
    """A session's sandbox as far as the script needs one: files by absolute path, uploads read-only."""

    files: dict[str, bytes] = field(default_factory=dict)
    mounted: set[str] = field(default_factory=set)

    def mount(self, path: str, content: bytes) -> None:
        """Put a read-only input in place."""
        self.files[path] = content
        self.mounted.add(path)

    def read(self, path: str) -> str | None:
        """A file's text, or None where there is no such file."""
        raw = self.files.get(path)
        return None if raw is None else raw.decode("utf-8", errors="replace")

    def write(self, path: str, text: str) -> str | None:
        """Write a file; answers what went wrong, None if nothing did."""
        if path in self.mounted:
            return f"EROFS: read-only file system, open '{path}'"
        self.files[path] = text.encode()
        return None

    def under(self, folder: str) -> Iterable[str]:
        """The paths below a folder, sorted."""
        return sorted(path for path in self.files if path.startswith(folder + "/"))

    def outputs(self) -> dict[str, bytes]:
        """The deliverables as the listing names them: flattened, so that equal names collide, the last one wins [H]."""
        return {posixpath.basename(path): self.files[path] for path in self.under(OUTPUTS)}
