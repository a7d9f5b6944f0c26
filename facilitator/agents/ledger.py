"""What each part of a session cost: writer and grader, iteration by iteration, computed from its events alone.

Pure arithmetic over the log. The service's own total (`session.usage`) stands beside it in `Usage`; whether that total
holds the grader's tokens is not documented (managed-agents.md, section 11), so the two may differ by exactly those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from facilitator.agents.cost import Prices, list_cents
from facilitator.agents.log import DEFINED, GRADED, Event, as_object
from facilitator.runs.ports import CostLine, Latency, Usage

_GRADING = "span.outcome_evaluation_start"
_REQUESTED = "span.model_request_end"
_SAYINGS = frozenset({"agent.message", "agent.tool_use", "agent.custom_tool_use", "agent.mcp_tool_use"})

Part = tuple[int, int, str]
"""Round of the session (from 0), iteration (from 0), and who: writer or grader."""


@dataclass(slots=True)
class _Fold:
    """The state of one walk over the events; `since` is when running time began to count for the present part."""

    round: int = -1
    iteration: int = 0
    who: str = "writer"
    since: datetime | None = None
    tokens: dict[Part, list[int]] = field(default_factory=dict)
    seconds: dict[Part, float] = field(default_factory=dict)

    @property
    def part(self) -> Part:
        return max(self.round, 0), self.iteration, self.who

    def clock(self, at: datetime | None) -> None:
        """Count the time up to now for the present part; stamps may step back a little, which counts as nothing."""
        if self.since is not None and at is not None:
            passed = max(0.0, (at - self.since).total_seconds())
            self.seconds[self.part] = self.seconds.get(self.part, 0.0) + passed
            self.since = max(at, self.since)

    def add(self, usage: Mapping[str, Any]) -> None:
        counts = self.tokens.setdefault(self.part, [0, 0, 0, 0])
        for place, name in enumerate(
            ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        ):
            value = usage.get(name)
            counts[place] += value if isinstance(value, int) else 0


def cost_lines(events: Iterable[Event], prices: Prices) -> tuple[CostLine, ...]:
    """One line for each part that used anything, in order; the writer's last word after a verdict is a line of its own."""
    fold = _Fold()
    for event in events:
        _step(fold, event)
    return tuple(_line(fold, part, prices) for part in sorted({*fold.tokens, *fold.seconds}, key=_order))


def _step(fold: _Fold, event: Event) -> None:
    kind, at = event.get("type"), stamp(event)
    if kind == DEFINED:
        fold.round, fold.iteration, fold.who = fold.round + 1, 0, "writer"
    elif kind == "session.status_running":
        fold.since = fold.since or at
    elif kind in ("session.status_idle", "session.status_terminated"):
        fold.clock(at)
        fold.since = None
    elif kind == _GRADING:
        fold.clock(at)
        fold.who, fold.iteration = "grader", _whole(event.get("iteration"))
    elif kind == GRADED:
        fold.clock(at)
        # The one usage that sums the whole grading: its single requests, where they show at all, are in it.
        fold.add(as_object(event.get("usage")))
        fold.who, fold.iteration = "writer", _whole(event.get("iteration")) + 1
    elif kind == _REQUESTED and fold.who == "writer":
        fold.add(as_object(event.get("model_usage")))


def latency(events: Iterable[Event]) -> Latency:
    """Seconds from the first outcome to the service's first event and to the agent's first word or tool call."""
    began = first = said = None
    for event in events:
        kind, at = event.get("type"), stamp(event)
        if at is None:
            continue
        if began is None:
            began = at if kind == DEFINED else None
            continue
        first = first or (at if not str(kind).startswith("user.") else None)
        said = said or (at if kind in _SAYINGS else None)
    return Latency(_between(began, first), _between(began, said))


def stamp(event: Event) -> datetime | None:
    """When the service says it happened, or None where it does not say."""
    try:
        at = datetime.fromisoformat(str(event.get("processed_at")))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _line(fold: _Fold, part: Part, prices: Prices) -> CostLine:
    read, wrote, cached, cache_writes = fold.tokens.get(part, [0, 0, 0, 0])
    seconds = round(fold.seconds.get(part, 0.0), 3)
    usage = Usage(read, wrote, cached, cache_writes, active_seconds=seconds)
    return CostLine(*part, read, wrote, cached, cache_writes, seconds, list_cents(usage, prices))


def _order(part: Part) -> tuple[int, int, bool]:
    """Within an iteration the writer comes first."""
    return part[0], part[1], part[2] == "grader"


def _between(began: datetime | None, then: datetime | None) -> float | None:
    return None if began is None or then is None else max(0.0, (then - began).total_seconds())


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
