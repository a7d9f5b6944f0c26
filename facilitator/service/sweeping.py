"""What nobody works on although it is unfinished: found in the run log now and then, and handed to the executor again.

A worker that died, a job that was lost, a fault that nobody foresaw: whatever left a run where it stands, this finds it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from facilitator.runs.locks import Locks
from facilitator.runs.store import RunStore
from facilitator.service.executor import Executor


def sweep(store: RunStore, locks: Locks, executor: Executor) -> int:
    """Hand over every unfinished run that waits for no person and that no worker holds; gives how many."""
    found = [run for run in store.unfinished() if not run.waits_for_a_person and _is_free(locks, run.id)]
    for run in found:
        executor.now(run.id)
    return len(found)


def _is_free(locks: Locks, name: str) -> bool:
    with locks.hold(name) as ours:
        return ours


def sweeper(store: RunStore, locks: Locks, executor: Executor) -> Callable[[], Awaitable[None]]:
    """The chore: what processes that died were asked for, then whatever else nobody works on."""

    async def turn() -> None:
        await executor.take_over()
        sweep(store, locks, executor)

    return turn
