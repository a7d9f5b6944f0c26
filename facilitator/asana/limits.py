"""How hard we may lean on Asana: the bounds of one deployment, checked once.

Owns the numbers of the Asana room. It counts nothing; the limiter and the reader do.
"""

from __future__ import annotations

from dataclasses import dataclass

from facilitator.errors import ConfigurationError

# Asana's own ceilings, developer guide "Rate limits", mid 2026: 1,500 requests a minute on paid plans,
# 50 reads and 15 writes in flight.
MOST_PER_MINUTE = 1500
MOST_READS = 50
MOST_WRITES = 15


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of traffic and of one read; waits and timeouts in seconds.

    `attempts` counts tries of one call, the first included; `total_wait` is the most one call waits for Asana
    (`Retry-After` and back-off, not its place in our own queue). The defaults suit an unknown plan: a burst and a minute's
    worth together are the 150 that a free workspace allows.
    """

    requests_per_minute: float = 120
    burst: int = 30
    reads_in_flight: int = 8
    writes_in_flight: int = 4
    attempts: int = 5
    first_backoff: float = 1.0
    longest_backoff: float = 30.0
    total_wait: float = 300.0
    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    story_reads: int = 5000
    subtasks: bool = False

    def __post_init__(self) -> None:
        for name, least, most in (
            ("requests_per_minute", 1, MOST_PER_MINUTE),
            ("burst", 1, MOST_PER_MINUTE),
            ("reads_in_flight", 1, MOST_READS),
            ("writes_in_flight", 1, MOST_WRITES),
            ("attempts", 1, 20),
            ("story_reads", 0, 1_000_000),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise ConfigurationError(
                    f"the Asana limit {name} is {value}; it must lie between {least} and {most:,}.",
                    suggestion="Correct it in the configuration, or leave it out for the default.",
                )
