"""B8: replay and every sprint's figures of `large-sdk` (115 sprints), at a quarter, a half and the whole: `make bench ONLY=B8`.

CPU time, the best of five: the machine's other work counts for nothing. Linear means: the cost of a story stays what it was.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from benchmarks.figures import Figure, measured
from facilitator.board.board import Board
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprint_figures import sprint_figures
from tests.packs import load_pack, packs_dir

RULES = BoardRules(ZoneInfo("UTC"))
REPEATS = 5
SLACK = 1.25
"""How much dearer a story may be on the whole board than on a quarter of it before we call it more than linear."""


def measure() -> list[Figure]:
    """Seconds for the whole, and how the cost of a story grows."""
    whole = load_pack(packs_dir() / "large-sdk.json")
    cost: dict[float, tuple[int, float, int]] = {}
    for part in (0.25, 0.5, 1.0):
        board = replace(whole, tasks=whole.tasks[:: round(1 / part)])
        stories = sum(len(task.stories) for task in board.tasks)
        sprints, seconds = min((_once(board) for _ in range(REPEATS)), key=lambda one: one[1])
        cost[part] = (stories, seconds, sprints)
        print(f"{len(board.tasks):>5} tasks, {stories:>6} stories, {sprints} sprints: {seconds:.3f} s CPU")
    a_story = {part: seconds / stories for part, (stories, seconds, _) in cost.items()}
    return [
        Figure("B8", cost[1.0][1], 1.0, "s CPU for replay and metrics", f"large-sdk, {cost[1.0][2]} sprints"),
        Figure(
            "B8",
            a_story[1.0] / a_story[0.25],
            SLACK,
            "x a story's cost, whole against a quarter",
            "linear growth",
        ),
    ]


def _once(board: Snapshot) -> tuple[int, float]:
    began = time.process_time()
    read = Board.of(board, RULES)
    for sprint in read.sprints:
        sprint_figures(read, sprint)
    return len(read.sprints), time.process_time() - began


def main(words: Sequence[str] = (), /) -> int:
    """Print the figures; 1 where a bar was missed."""
    return measured(measure, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
