"""Figures for the pages, made of each new reading of a board soon after it: off the event loop, once, for whoever looks.

What is missing (a release before this one kept none) is made at the first turns. Nothing waits for it: a page without figures
makes them itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from facilitator.board.board import Board
from facilitator.board.figures import BoardFigures, board_figures
from facilitator.board.portfolio import actions_in
from facilitator.runs.assignment import Assignment
from facilitator.runs.board_figures import KeptFigures
from facilitator.runs.overview import Overview, Pair
from facilitator.runs.run import Run
from facilitator.runs.store import RunStore

AT_ONCE = 20
"""Boards a turn: a release's first ones must not take a core for minutes."""


@dataclass
class Figuring:
    """Makes and keeps what is missing."""

    store: RunStore
    assignments: Callable[[], Mapping[Pair, Assignment]]

    async def turn(self) -> None:
        """A few boards, on a thread."""
        await asyncio.to_thread(self.look)

    def look(self) -> None:
        """See `turn`."""
        known, kept = self.assignments(), KeptFigures(self.store.database)
        for run in kept.lacking([pair for pair, one in known.items() if not one.members])[:AT_ONCE]:
            figures = figures_for(self.store, run, known)
            if figures is not None:
                kept.keep(run, figures)


def figures_for(store: RunStore, run: Run, known: Mapping[Pair, Assignment]) -> BoardFigures | None:
    """The figures of the board as this run read it; None after its retention time, where nobody holds it any more, and for a
    roll-up: what it tells of are other teams' boards, and those have figures of their own.
    """
    assignment = known.get((run.team, run.ceremony))
    snapshot = store.snapshot(run.id) if assignment else None
    if assignment is None or snapshot is None or assignment.members:
        return None
    actions = _actions(store, [pair for pair in known if pair[0] == run.team])
    return board_figures(Board.of(snapshot, assignment.rules), run=run.id, actions=actions)


def _actions(store: RunStore, pairs: Sequence[Pair]) -> tuple[float, float] | None:
    """Open and all actions of earlier retros, as the team's newest document that counts them has it."""
    newest = Overview(store.database).newest(pairs).values()
    ordered = sorted(newest, key=lambda one: one.window.end, reverse=True)
    return actions_in(facts for one in ordered if (facts := store.facts(one.id)))
