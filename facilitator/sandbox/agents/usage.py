"""Tokens, seconds and list cost of one session.

The engine adds each model request; the API shows what was published at the last idle, as on the hosted service [H]. The
figures are made from text lengths: they are plausible, not a price list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from facilitator.sandbox.agents.wire import Json

INPUT_CENTS = Fraction(300, 1_000_000)
OUTPUT_CENTS = Fraction(1500, 1_000_000)
SECOND_CENTS = Fraction(8, 3600)
"""Running time at $0.08 an hour; tokens at the list price of a mid-size model."""

BASE_INPUT = 1800
CHARACTERS_PER_TOKEN = 4


@dataclass
class Meter:
    """What a session used. `spent_cents` is exact and unpublished; a budget is held against it."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read: int = 0
    active_seconds: float = 0.0
    forced_cents: int = 0
    running_since: float | None = None
    published: Json = field(
        default_factory=lambda: {"input_tokens": 0, "output_tokens": 0, "cache_creation": None}
    )

    def begin(self, now: float) -> None:
        """Running time starts to count, at this instant of the loop's clock; it may already."""
        self.running_since = now if self.running_since is None else self.running_since

    def end(self, now: float, speed: float) -> None:
        """Running time stops; it is counted as if at speed 1."""
        if self.running_since is not None:
            self.active_seconds += (now - self.running_since) * speed
            self.running_since = None

    def request(self, read: str, wrote: str) -> Json:
        """Count one model request; answers its `model_usage`."""
        usage = {
            "input_tokens": BASE_INPUT + len(read) // CHARACTERS_PER_TOKEN,
            "output_tokens": 40 + len(wrote) // CHARACTERS_PER_TOKEN,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": self.input_tokens // 2,
            "speed": None,
        }
        self.input_tokens += usage["input_tokens"] or 0
        self.output_tokens += usage["output_tokens"] or 0
        self.cache_read += usage["cache_read_input_tokens"] or 0
        return dict(usage)

    @property
    def spent_cents(self) -> Fraction:
        """List cost so far, in cents, unrounded."""
        tokens = self.input_tokens * INPUT_CENTS + self.output_tokens * OUTPUT_CENTS
        return self.forced_cents + tokens + Fraction(self.active_seconds) * SECOND_CENTS

    def exhausted(self, budget: Json | None) -> bool:
        """Whether the cap is reached; never without one."""
        return budget is not None and self.spent_cents >= int(budget["max_list_cost"]["amount"])

    def publish(self) -> Json:
        """Show the present figures from now on; `list_cost` is in whole cents, so a tiny run reads "0"."""
        self.published = {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_read_input_tokens": self.cache_read,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
            "active_seconds": round(self.active_seconds, 3),
            "list_cost": {"amount": str(round(self.spent_cents)), "currency": "USD"},
        }
        return self.published
