"""Which run the present task works on: for records made far below the pipeline, such as who read which secret.

Carried by the task, not handed down, because the clients between know no runs. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CURRENT: ContextVar[str | None] = ContextVar("run", default=None)


def current_run() -> str | None:
    """The run this task works on, or None outside of one."""
    return _CURRENT.get()


@contextmanager
def at_work_on(run: str) -> Iterator[None]:
    """Inside, this task and those it starts work on the run."""
    token = _CURRENT.set(run)
    try:
        yield
    finally:
        _CURRENT.reset(token)
