"""Rate limits of the one organisation that the simulated service knows: creates, reads and everything else, each by the minute.

Published (Managed Agents, "Rate limits", mid 2026): 300 creates a minute of agents, sessions, environments and vaults together, 1,200
reads (retrieve, list, opening a stream), and on older pages 600 of other calls. Limits are token buckets that fill all the time,
and a limit by the minute may be enforced as its share of each second. Guesses, because no page says it: that sent events, uploads,
changes and archiving are the other calls; that one second's worth and one call more may come at once; that a refused call costs
nothing; that every key is the one organisation's. The older 60 environments a minute and 5 at once are not modelled.
"""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from facilitator.sandbox.wire import ControlError

CREATED = frozenset(f"/v1/{kind}" for kind in ("agents", "sessions", "environments", "vaults"))
MESSAGE = "This request would exceed your organization's rate limit of {limit} {kind} per minute for Managed Agents."
NEARLY = 1 - 1e-9
"""A token this close to whole is whole: who waited exactly as long as asked must not be refused by rounding."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """Calls a minute by kind; `at_once_s` is how many seconds' worth a rested organisation may send at one instant."""

    creates: float = 300
    reads: float = 1200
    others: float = 600
    at_once_s: float = 1.0

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Quotas":
        """Read them by name, the rest as published. Raises ControlError for a name or a number that is none."""
        known = {entry.name for entry in fields(cls)}
        numbers = all(
            isinstance(value, int | float) and not isinstance(value, bool) and value > 0
            for value in raw.values()
        )
        if set(raw) - known or not numbers:
            raise ControlError(f"quotas are {', '.join(sorted(known))}, each a number above 0")
        return cls(**raw)


class QuotaGate:
    """Counts calls against the organisation's quotas; with None it lets everything pass. `monotonic` gives seconds."""

    def __init__(self, quotas: Quotas | None, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self.enforce(quotas)

    def enforce(self, quotas: Quotas | None) -> None:
        """From now on these, with every bucket full."""
        self._quotas = quotas
        self._tokens: dict[str, tuple[float, float]] = {}

    def enter(self, method: str, path: str, _headers: Mapping[str, str]) -> tuple[str, int] | None:
        """Count a call in; answer the message and the whole seconds of a 429, or None."""
        if self._quotas is None:
            return None
        kind = kind_of(method, path)
        with self._lock:
            wait = self._take(kind, self._quotas)
        limit = getattr(self._quotas, kind)
        return None if wait is None else (MESSAGE.format(limit=limit, kind=kind), max(1, math.ceil(wait)))

    def leave(self, _method: str, _headers: Mapping[str, str]) -> None:
        """Nothing: how many are in flight is not limited."""

    def _take(self, kind: str, quotas: Quotas) -> float | None:
        """Take a token; the seconds until there is one where there is none now."""
        a_second, now = getattr(quotas, kind) / 60, self._monotonic()
        most = 1 + a_second * quotas.at_once_s
        tokens, counted_at = self._tokens.get(kind, (most, now))
        tokens = min(most, tokens + (now - counted_at) * a_second)
        enough = tokens >= NEARLY
        self._tokens[kind] = (tokens - 1 if enough else tokens, now)
        return None if enough else (1 - tokens) / a_second


def kind_of(method: str, path: str) -> str:
    """Which quota counts a call."""
    if method == "GET":
        return "reads"
    return "creates" if method == "POST" and path.rstrip("/") in CREATED else "others"


def quota_control(gate: QuotaGate) -> Callable[[dict[str, Any]], Any]:
    """The control call `quotas`: an object of quotas (empty: as published), or {"enforced": false} to lift them."""

    def control(body: dict[str, Any]) -> Any:
        if "enforced" in body and body != {"enforced": False}:
            raise ControlError('send quotas by name, or {"enforced": false}')
        quotas = None if body else Quotas()
        if body and "enforced" not in body:
            quotas = Quotas.read(body)
        gate.enforce(quotas)
        return {
            "quotas": None
            if quotas is None
            else {one.name: getattr(quotas, one.name) for one in fields(quotas)}
        }

    return control
