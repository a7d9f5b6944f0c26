"""Rate limits: requests a minute and requests in flight, both per token.

Owns the counters behind real 429 answers. Seconds are those of the timer handed in: the sandbox gives its own, so that at speed 4 a
minute lasts 15 real seconds, and `Retry-After` is in simulated seconds too. The cost budget of the real service is not modelled:
nobody outside knows its prices.
"""

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping

MESSAGE = "You have made too many requests recently. Please, be chill."
WINDOW_SECONDS = 60.0
READS_IN_FLIGHT = 50
WRITES_IN_FLIGHT = 15


class RateLimits:
    """Counts calls per token. A refused call counts too, as it does in the real service."""

    def __init__(
        self,
        per_minute: int | None = 1500,
        *,
        reads: int = READS_IN_FLIGHT,
        writes: int = WRITES_IN_FLIGHT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_minute = per_minute
        self._most = {True: reads, False: writes}
        self._monotonic = monotonic
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self._flying: dict[tuple[str, bool], int] = defaultdict(int)
        self._lock = threading.Lock()

    def enter(self, method: str, _path: str, headers: Mapping[str, str]) -> tuple[str, int] | None:
        """Count a call in; answer the message and the seconds of a 429, or None."""
        token, reads = bearer(headers), method == "GET"
        with self._lock:
            self._flying[token, reads] += 1
            wait = self._charge(token, 1)
            if wait is not None:
                return MESSAGE, wait
            # The guide says the 51st is refused at once and gives no waiting time for it: one second is assumed.
            return (MESSAGE, 1) if self._flying[token, reads] > self._most[reads] else None

    def leave(self, method: str, headers: Mapping[str, str]) -> None:
        """Count a call out."""
        with self._lock:
            self._flying[bearer(headers), method == "GET"] -= 1

    def charge(self, token: str, calls: int) -> int | None:
        """Count the actions of a batch; answer the seconds to wait where they break the limit."""
        with self._lock:
            return self._charge(token, calls)

    def _charge(self, token: str, calls: int) -> int | None:
        if self._per_minute is None:
            return None
        recent, now = self._recent[token], self._monotonic()
        while recent and now - recent[0] >= WINDOW_SECONDS:
            recent.popleft()
        recent.extend([now] * calls)
        if len(recent) <= self._per_minute:
            return None
        # The oldest calls must leave the window before one more fits in.
        freeing = recent[len(recent) - self._per_minute - 1]
        return max(1, math.ceil(freeing + WINDOW_SECONDS - now))


def bearer(headers: Mapping[str, str]) -> str:
    """Answer the token of an Authorization header, or nothing."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
