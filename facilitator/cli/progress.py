"""Long work, as it happens: a live line on a terminal, plain lines elsewhere, nothing with --json."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from facilitator.runs.run import Run
from facilitator.runs.steps.desk import Observe, unobserved

QUIET = frozenset(
    {"span.model_request_start", "span.model_request_end", "session.usage", "session.thread_status_idle",
     "session.thread_status_running", "agent.thinking", "span.outcome_evaluation_ongoing", "agent.tool_result"}
)  # fmt: skip
"""Events that tell a person nothing."""


def event_line(event: Mapping[str, Any]) -> str | None:
    """One session event in a few words, or None for one that tells a person nothing."""
    kind = str(event.get("type"))
    if kind in QUIET:
        return None
    match kind:
        case "agent.custom_tool_use" | "agent.tool_use":
            return f"tool {event.get('name')}"
        case "user.custom_tool_result":
            return "tool answered" + (" with an error" if event.get("is_error") else "")
        case "span.outcome_evaluation_start":
            return f"grading {int(event.get('iteration') or 0) + 1}"
        case "span.outcome_evaluation_end":
            return f"verdict: {event.get('result')}"
        case "session.status_idle":
            reason = event.get("stop_reason") or {}
            return f"session idle: {reason.get('type')}"
        case "session.error":
            error = event.get("error") or {}
            return f"session error: {error.get('type')}"
        case _:
            return kind.replace("session.status_", "session ").replace("_", " ")


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


def _words(run: Run, kind: str, detail: Mapping[str, Any]) -> str | None:
    if kind == "moved":
        return f"{run.ceremony}: {run.state}: {detail.get('why', '')}"
    line = event_line(detail)
    return None if line is None else f"{run.ceremony}: {line}"


def _plain(run: Run, kind: str, detail: Mapping[str, Any]) -> None:
    line = _words(run, kind, detail)
    if line:
        print(line, file=sys.stderr, flush=True)


@contextmanager
def _live() -> Iterator[Observe]:
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    with console.status("starting") as status:

        def observe(run: Run, kind: str, detail: Mapping[str, Any]) -> None:
            line = _words(run, kind, detail)
            if line and kind == "moved":
                console.print(line, markup=False)
            elif line:
                status.update(line)

        yield observe
