"""The sandbox profile: nothing is written outside one workspace, whatever a configuration or an answer says.

Sits beside `reach` in front of the transport, and asks Asana itself where a task or project belongs, once each. It lets every
read pass; which of them are the team's is `reach`'s question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from facilitator.asana.reach import OPEN, named
from facilitator.asana.refusals import About
from facilitator.errors import TrackerError

Look = Callable[[str, str], Awaitable[Mapping[str, Any]]]
"""Reads one object by path with these opt_fields, unguarded."""


class OutsideSandbox(TrackerError):  # noqa: N818 - it names what was refused
    """A write would have left the workspace of the sandbox profile; it was not sent."""

    code = "outside_sandbox"


@dataclass(frozen=True, slots=True)
class Fence:
    """The one workspace that may be written in, by its gid."""

    workspace: str
    inside: set[str] = field(default_factory=set)
    """Gids of tasks and projects that were found to be in it: they never leave their workspace."""

    async def check(
        self,
        method: str,
        path: str,
        sent: Mapping[str, Any],
        about: About,
        look: Look,
    ) -> None:
        """Raise `OutsideSandbox` unless a call that changes something names things of the workspace, and only those."""
        if method == "GET":
            return
        # A section says nothing that its task or project does not: a task lives in one workspace.
        things = [(kind, gid) for kind, gid in named(path, sent) if kind != "section"]
        if not things and sent.get("workspace") is None and not OPEN.fullmatch(path):
            raise self._refused(about, "it names nothing whose workspace could be asked for")
        if sent.get("workspace") not in (None, self.workspace):
            raise self._refused(about, f"it goes to workspace {str(sent['workspace'])[:40]}")
        for kind, gid in things:
            if gid not in self.inside:
                home = await self._home(kind, gid, look)
                if home != self.workspace:
                    raise self._refused(about, f"{kind} {gid[:40]} is in workspace {home or 'unknown'}")
                self.inside.add(gid)

    async def _home(self, kind: str, gid: str, look: Look) -> str | None:
        """The workspace a thing is in, asked for; None where it cannot be told."""
        if kind == "story":
            target = _gid((await look(f"/stories/{gid}", "target")).get("target"))
            return await self._home("task", target, look) if target else None
        if kind == "any":
            return await self._some(gid, look)
        return _gid((await look(f"/{kind}s/{gid}", "workspace")).get("workspace"))

    async def _some(self, gid: str, look: Look) -> str | None:
        """The same for a gid that may be a project's or a task's."""
        try:
            return await self._home("project", gid, look)
        except TrackerError as error:
            if error.status not in (403, 404):
                raise
            return await self._home("task", gid, look)

    def _refused(self, about: About, why: str) -> OutsideSandbox:
        return OutsideSandbox(
            f"Asana was not asked to {about}: profile sandbox writes in workspace {self.workspace} alone, and {why}.",
            suggestion='Point the team at a project of the test workspace, or say profile = "live" in [asana].',
        )


def _gid(raw: object) -> str | None:
    gid = raw.get("gid") if isinstance(raw, dict) else None
    return gid if isinstance(gid, str) else None
