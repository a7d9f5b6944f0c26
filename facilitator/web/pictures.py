"""Charts as images: SVG in the page's two lights, drawn from the board as a run read it, and kept by the browser for good.

Each is a resource of its own with a policy under which no script could run. It computes nothing: `board` and `charts` do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Lock, Thread

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from facilitator import charts
from facilitator.board.board import Board
from facilitator.board.burndown import burndown, unit_for
from facilitator.board.days import local_date
from facilitator.board.flow import pace, throughput
from facilitator.board.forecast import next_sprint, past_sprints
from facilitator.board.retro import ended_sprints, retro_sprint
from facilitator.board.series import finished_tasks, velocities
from facilitator.board.sprint_figures import sprint_figures
from facilitator.web.access import NotFound
from facilitator.web.door import PICTURE_POLICY
from facilitator.web.pages import asked_of

WEEKS = timedelta(weeks=12)

DARK: Mapping[str, str] = {
    "#1e1f21": "#e7e9ed",
    "#5f6670": "#a3abb7",
    "#e3e6ea": "#2c323c",
    "#f4f5f7": "#20252d",
    "#1d5fc4": "#82b1ff",
    "#cfe0f8": "#24406b",
    "#b04a12": "#ffae84",
    "#ffffff": "#1a1e25",
    "white": "#1a1e25",
}
"""Each colour of `charts.canvas` by night: the same roles, as readable on the dark surface as those on the white one."""

_COLOUR = re.compile(r"#[0-9a-f]{6}\b|\bwhite\b")


def routes() -> list[Route]:
    """The charts of a run's board."""
    return [Route("/runs/{run}/charts/{name}.svg", picture, methods=["GET"])]


class Warming:
    """Loads what draws charts when the first page is shown, on a thread of its own: two seconds that no chart waits for.

    Not when the program starts: a deployment whose dashboard nobody opens pays neither the time nor the memory.
    """

    def __init__(self, load: Callable[[], None] = charts.warm) -> None:
        self._load = load
        self._begun = Lock()

    def __call__(self) -> None:
        """Begin, once; never waits."""
        if self._begun.acquire(blocking=False):
            Thread(target=self._load, name="charts").start()


def picture(request: Request) -> Response:
    """One chart as its board was read for the run; `theme=dark` for the night."""
    asked = asked_of(request)
    site, name = asked.site, asked.path["name"]
    run = site.run(asked.visitor, asked.path["run"])
    assignment = site.assignment(run)
    draw = CHARTS.get(name)
    board = site.board(run.id, assignment) if assignment and draw else None
    if draw is None or assignment is None or board is None:
        raise NotFound(
            "there is no such chart of this run.", suggestion="Its snapshot may be past its retention time."
        )
    dark = asked.query.get("theme") == "dark"
    light = site.made.get((run.id, name), lambda: draw(board, assignment.team_name))
    assert isinstance(light, bytes)
    headers = {
        "Content-Security-Policy": PICTURE_POLICY,
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    return Response(by_night(light) if dark else light, media_type="image/svg+xml", headers=headers)


def by_night(svg: bytes) -> bytes:
    """The same picture in the dark palette."""
    return _COLOUR.sub(lambda match: DARK.get(match[0], match[0]), svg.decode()).encode()


def _burndown(board: Board, team: str) -> bytes:
    sprint = board.current_sprint() or retro_sprint(board)
    if sprint is None:
        raise NotFound("this board has no sprint yet.")
    unit = unit_for(sprint_figures(board, sprint))
    data = burndown(board, sprint, unit=unit)
    return charts.burndown(data, title=f"{team}: burndown of {sprint.name}", as_format="svg")


def _velocity(board: Board, team: str) -> bytes:
    figures = [sprint_figures(board, sprint) for sprint in ended_sprints(board)]
    unit = unit_for(figures[-1]) if figures else "tasks"
    band = next_sprint(past_sprints(figures, points=unit == "points"))
    return charts.velocity(
        velocities(figures, unit=unit), band, unit=unit, title=f"{team}: velocity", as_format="svg"
    )


def _cycle_times(board: Board, team: str) -> bytes:
    return charts.cycle_times(
        finished_tasks(board), pace(board), title=f"{team}: cycle times", as_format="svg"
    )


def _throughput(board: Board, team: str) -> bytes:
    today = local_date(board.as_of, board.rules.zone)
    return charts.throughput(
        throughput(board, today - WEEKS, today), title=f"{team}: throughput", as_format="svg"
    )


CHARTS: Mapping[str, Callable[[Board, str], bytes]] = {
    "burndown": _burndown,
    "velocity": _velocity,
    "cycle-times": _cycle_times,
    "throughput": _throughput,
}
"""What the pages show of a board, by the name in the address."""
