"""B5: how large the agent's facts are, from a board of 40 tasks to one of 5,000: `make bench ONLY=B5`.

Tokens are counted as characters by four, the usual rule for English. Boards are the packs of PACKS_DIR; sizes between are
their newest tasks, and 5,000 is the largest pack with some of its tasks doubled under other gids. The worst ceremony counts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from benchmarks.figures import Figure, measured
from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot, TaskGid
from facilitator.calendar.window import Window
from facilitator.ceremony import TeamContext
from jobs import retro, standup, weekly_status
from tests.packs import load_pack, packs_dir

MOST, GROWTH = 4000, 1.3
CONTEXT = TeamContext("Team", BoardRules(ZoneInfo("UTC")))
GATHERS: dict[str, tuple[Callable[[Snapshot, Window, TeamContext], Facts], timedelta]] = {
    "standup": (standup.gather, timedelta(days=1)),
    "weekly_status": (weekly_status.gather, timedelta(days=7)),
    "retro": (retro.gather, timedelta(days=14)),
}


def measure() -> list[Figure]:
    """Facts of every ceremony on every size."""
    sizes = {len(board.tasks): _tokens(board) for board in _boards()}
    for size, found in sizes.items():
        print(f"{size:>5} tasks: " + ", ".join(f"{name} {tokens:.0f}" for name, tokens in found.items()))
    worst = max(max(found.values()) for found in sizes.values())
    growth = {name: sizes[3069][name] / sizes[273][name] for name in GATHERS}
    return [
        Figure("B5", worst, MOST, "tokens at most, 37 to 5,000 tasks", "the design's bound on facts.json"),
        Figure(
            "B5",
            max(growth.values()),
            GROWTH,
            "x from 273 to 3,069 tasks",
            "medium-windows and large-sdk",
            note="by ceremony: " + ", ".join(f"{name} {times:.2f}" for name, times in growth.items()),
        ),
    ]


def _tokens(board: Snapshot) -> dict[str, float]:
    found = {}
    for name, (gather, span) in GATHERS.items():
        facts = gather(board, Window(board.as_of - span, board.as_of), CONTEXT)
        found[name] = len(facts.to_json()) / 4
    return found


def _boards() -> Sequence[Snapshot]:
    folder = packs_dir()
    large = load_pack(folder / "large-sdk.json")
    more = tuple(
        replace(task, gid=TaskGid(f"9{task.gid}")) for task in large.tasks[-(5000 - len(large.tasks)) :]
    )
    return [
        load_pack(folder / "small-alloy.json"),
        load_pack(folder / "medium-windows.json"),
        replace(large, tasks=large.tasks[-1000:]),
        large,
        replace(large, tasks=(*large.tasks, *more)),
    ]


def main(words: Sequence[str] = (), /) -> int:
    """Print the figures; 1 where a bar was missed."""
    return measured(measure, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
