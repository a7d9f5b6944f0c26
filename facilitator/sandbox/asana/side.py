"""The simulated Asana as a test or a demo sees it from inside the process.

Owns the inspection: what was commented, what a task looks like, which calls came. It changes nothing; changes go over HTTP like
everybody's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from facilitator.sandbox.asana.fields import FULL, Renderer, View, parse_opt_fields
from facilitator.sandbox.asana.shapes import SHAPES
from facilitator.sandbox.asana.world import Node, World
from facilitator.sandbox.exchange import App
from facilitator.sandbox.requests import LoggedRequest
from facilitator.sandbox.wire import Service


@dataclass(frozen=True)
class AsanaSide:
    """The world, its application, and the calls it was sent."""

    world: World
    app: App
    service: Service
    log: Callable[[], list[LoggedRequest]] = list

    @property
    def requests(self) -> list[LoggedRequest]:
        """Every call this port was sent, oldest first."""
        return self.log()

    @property
    def bot_gid(self) -> str:
        """The gid every token acts as, unless the sandbox was given tokens."""
        return self.world.bot_gid

    def with_log(self, log: Callable[[], list[LoggedRequest]]) -> "AsanaSide":
        """Answer the same side reading its calls from a log."""
        return replace(self, log=log)

    def comments(self, task_gid: str) -> list[dict[str, Any]]:
        """Answer a task's comments, oldest first, as Asana shows them in full, with `html_text`."""
        found = [story for story in self.world.stories(task_gid) if story["type"] == "comment"]
        html = parse_opt_fields("html_text")
        return [{**self._shown("story", story, FULL), **self._shown("story", story, html)} for story in found]

    def task(self, task_gid: str) -> dict[str, Any]:
        """Answer a task as Asana shows it in full. Raises KeyError where there is none."""
        return self._shown("task", self.world.tables["task"][task_gid], FULL)

    def _shown(self, kind: str, record: dict[str, Any], want: Any) -> dict[str, Any]:
        view = View(self.world, self.world.bot_gid)
        shown: dict[str, Any] = Renderer(SHAPES, view).show(Node(kind, record), want)
        return shown
