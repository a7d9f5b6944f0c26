"""Long work, as it happens: a live line on a terminal, plain lines elsewhere, nothing with --json."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from facilitator.runs.run import Run
from facilitator.runs.steps.desk import Observe, unobserved
from facilitator.service.progress import logged, words
from facilitator.unseen import on_screen

if TYPE_CHECKING:
    import asyncio


@contextmanager
def watching(*, quiet: bool) -> Iterator[Observe]:
    """An observer for the length of the block."""
    if quiet:
        yield unobserved
    elif sys.stderr.isatty():
        with _live() as observe:
            yield observe
    else:
        yield _plain


def _plain(run: Run, kind: str, detail: Mapping[str, Any]) -> None:
    line = words(run, kind, detail)
    if line:
        print(on_screen(line), file=sys.stderr, flush=True)


def logs_aside() -> None:
    """Send the log to standard error: standard output is for the answer alone, which a program may read."""
    import structlog

    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        # The library's own tracebacks print local variables, and one of them may be a token.
        exception_formatter=structlog.dev.plain_traceback,
    )
    structlog.configure(
        processors=[*structlog.get_config()["processors"][:-1], console],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def left_over(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """An event loop's handler of faults that nobody waits for, such as a job the queue took from us: a line, no traceback."""
    import structlog

    structlog.get_logger().error(
        "background_fault", what=context.get("message"), error=str(context.get("exception"))
    )


def serving() -> Observe:
    """An observer for `serve`: plain lines on a terminal, moves in the log elsewhere."""
    return _plain if sys.stderr.isatty() else logged


@contextmanager
def _live() -> Iterator[Observe]:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    with console.status("starting") as status:

        def observe(run: Run, kind: str, detail: Mapping[str, Any]) -> None:
            line = words(run, kind, detail)
            if line and kind == "moved":
                console.print(on_screen(line), markup=False)
            elif line:
                # As text, not as markup: a status string in brackets would be obeyed.
                status.update(Text(on_screen(line)))

        yield observe
