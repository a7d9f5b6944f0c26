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
from facilitator.agents.log import DEFINED, GRADED, Event, as_object, identity
from facilitator.runs.ports import CostLine, Latency, Usage

_GRADING = "span.outcome_evaluation_start"
_REQUESTED = "span.model_request_end"
_SAYINGS = frozenset({"agent.message", "agent.tool_use", "agent.custom_tool_use", "agent.mcp_tool_use"})

Part = tuple[int, int, str]
"""Round of the session (from 0), iteration (from 0), and who: writer or grader."""


@dataclass(slots=True)
class Ledger:
    """One walk over a session's events, taken up wherever it was left; what it keeps grows with rounds, not with events."""

    round: int = -1
    iteration: int = 0
    who: str = "writer"
    since: datetime | None = None
    """When running time began to count for the present part."""
    tokens: dict[Part, list[int]] = field(default_factory=dict)
    seconds: dict[Part, float] = field(default_factory=dict)
    began: datetime | None = None
    first: datetime | None = None
    said: datetime | None = None
    outcomes: set[str] = field(default_factory=set)

    @property
    def part(self) -> Part:
        """What now runs."""
        return max(self.round, 0), self.iteration, self.who

    def take(self, events: Iterable[Event]) -> None:
        """Read these events, in order; an outcome told a second time, with its stamp, begins no second round."""
        for event in events:
            self._note_latency(event)
            if event.get("type") != DEFINED or identity(event) not in self.outcomes:
                self._step(event)

    def lines(self, prices: Prices) -> tuple[CostLine, ...]:
        """One line for each part that used anything, in order; the writer's last word after a verdict is one of its own."""
        return tuple(_line(self, part, prices) for part in sorted({*self.tokens, *self.seconds}, key=_order))

    def latency(self) -> Latency:
        """Seconds from the first outcome to the service's first event and to the agent's first word or tool call."""
        return Latency(_between(self.began, self.first), _between(self.began, self.said))

    def _step(self, event: Event) -> None:
        kind, at = event.get("type"), stamp(event)
        if kind == DEFINED:
            self.outcomes.add(identity(event))
            self.round, self.iteration, self.who = self.round + 1, 0, "writer"
        elif kind == "session.status_running":
            self.since = self.since or at
        elif kind in ("session.status_idle", "session.status_terminated"):
            self._clock(at)
            self.since = None
        elif kind == _GRADING:
            self._clock(at)
            self.who, self.iteration = "grader", _whole(event.get("iteration"))
        elif kind == GRADED:
            self._clock(at)
            # The one usage that sums the whole grading: its single requests, where they show at all, are in it.
            self._add(as_object(event.get("usage")))
            self.who, self.iteration = "writer", _whole(event.get("iteration")) + 1
        elif kind == _REQUESTED and self.who == "writer":
            self._add(as_object(event.get("model_usage")))

    def _note_latency(self, event: Event) -> None:
        kind, at = event.get("type"), stamp(event)
        if at is None:
            return
        if self.began is None:
            self.began = at if kind == DEFINED else None
            return
        self.first = self.first or (at if not str(kind).startswith("user.") else None)
        self.said = self.said or (at if kind in _SAYINGS else None)

    def _clock(self, at: datetime | None) -> None:
        """Count the time up to now for the present part; stamps may step back a little, which counts as nothing."""
        if self.since is not None and at is not None:
            passed = max(0.0, (at - self.since).total_seconds())
            self.seconds[self.part] = self.seconds.get(self.part, 0.0) + passed
            self.since = max(at, self.since)

    def _add(self, usage: Mapping[str, Any]) -> None:
        counts = self.tokens.setdefault(self.part, [0, 0, 0, 0])
        for place, name in enumerate(
            ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        ):
            value = usage.get(name)
            counts[place] += value if isinstance(value, int) else 0


def stamp(event: Event) -> datetime | None:
    """When the service says it happened, or None where it does not say."""
    try:
        at = datetime.fromisoformat(str(event.get("processed_at")))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _line(fold: Ledger, part: Part, prices: Prices) -> CostLine:
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
