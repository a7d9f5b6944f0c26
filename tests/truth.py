"""Every sprint figure against the truth files: `python -m tests.truth [PACKS_DIR]`.

Prints each difference, then `N sprints, M differences`; exit 1 where there is any. The folder is the first word, else
the environment's PACKS_DIR, else ../shared/data. A percentile given with three digits
or fewer was rounded when it was written; ours is rounded alike before the two are compared at 1e-6.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from facilitator.board.blocking import blocked_by_field
from facilitator.board.board import Board
from facilitator.board.rules import BoardRules
from facilitator.board.sprint_figures import Spread, SprintFigures, TaskSet, sprint_figures
from tests.packs import load_pack, load_truth, packs, packs_dir

SETS = ("committed", "added", "removed", "completed", "carried_over", "other")
SPREADS = ("cycle_days", "lead_days")
RULES = BoardRules(zone=ZoneInfo("UTC"))


def differences(pack: Path) -> tuple[int, list[str]]:
    """How many sprints were compared in a pack, and one line for each figure that is not the truth's."""
    board, truth = Board.of(load_pack(pack), RULES), load_truth(pack)
    wanted = [*truth["sprints"], *([truth["current_sprint"]] if truth.get("current_sprint") else ())]
    sprints = {sprint.key: sprint for sprint in board.sprints}
    found: list[str] = []
    for one in wanted:
        sprint = sprints.get(one["enum_option_gid"])
        lines = _unlike(sprint_figures(board, sprint), one) if sprint else ["not found on the board"]
        found += [f"{pack.stem}: {one['name']}: {line}" for line in lines]
    found += [f"{pack.stem}: {line}" for line in _present(board, truth)]
    return len(wanted), found


def _present(board: Board, truth: dict[str, Any]) -> Iterator[str]:
    running, wanted = board.current_sprint(), (truth.get("current_sprint") or {}).get("name")
    if (running.name if running else None) != wanted:
        yield f"current sprint is {running}, not {wanted}"
    blocked = blocked_by_field(board)
    if sorted(blocked) != sorted(truth.get("blocked_at_as_of", [])):
        yield f"blocked {sorted(blocked)}, not {truth['blocked_at_as_of']}"


def _unlike(ours: SprintFigures, truth: dict[str, Any]) -> Iterator[str]:
    for name in SETS:
        if line := _sets(getattr(ours, name), truth[name]):
            yield f"{name}: {line}"
    for name in SPREADS:
        if line := _spreads(getattr(ours, name), truth[name]):
            yield f"{name}: {line}"
    if ours.completed_not_delivered != truth.get("completed_not_delivered"):
        yield f"completed_not_delivered: {ours.completed_not_delivered}"


def _sets(ours: TaskSet, truth: dict[str, Any]) -> str:
    if sorted(ours.gids) != sorted(truth["task_gids"]):
        more, less = set(ours.gids) - set(truth["task_gids"]), set(truth["task_gids"]) - set(ours.gids)
        return f"too many {sorted(more)}, missing {sorted(less)}"
    same = (ours.tasks, ours.unestimated) == (truth["tasks"], truth["unestimated"])
    if not same or abs(ours.points - truth["points"]) > 1e-6:
        return f"{ours.tasks} tasks, {ours.points} points, {ours.unestimated} unestimated, not {truth}"
    return ""


def _spreads(ours: Spread, truth: dict[str, Any]) -> str:
    equal = ours.n == truth["n"] and all(
        _equal(value, truth[key]) for key, value in (("p50", ours.p50), ("p85", ours.p85))
    )
    return "" if equal else f"{ours}, not {truth}"


def _equal(ours: float | None, truth: float | None) -> bool:
    if ours is None or truth is None:
        return ours is truth
    rounded = round(ours, 3) if round(truth, 3) == truth else ours
    return min(abs(ours - truth), abs(rounded - truth)) <= 1e-6


def main(arguments: list[str]) -> int:
    """Compare every pack of the folder; 1 where a figure differs or there is nothing to compare."""
    folder = Path(arguments[0]) if arguments else packs_dir()
    sprints = 0
    lines: list[str] = []
    for pack in packs(folder):
        count, found = differences(pack)
        sprints, lines = sprints + count, lines + found
    print(*lines, *([] if sprints else [f"no packs with a truth file in {folder}"]), sep="\n")
    print(f"{sprints} sprints, {len(lines)} differences")
    return 1 if lines or not sprints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
