"""When each thing came into being: what a list that lags must know to leave out the newest.

Owns one number for each id that was handed out. Ages are real seconds, whatever the simulated clock says: a lag is waited for
by a real client. What stood in the workspace from the start has no age.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Births:
    """The instants, on a monotonic clock, at which ids were handed out."""

    monotonic: Callable[[], float] = time.monotonic
    _at: dict[str, float] = field(default_factory=dict)

    def note(self, name: str) -> str:
        """Remember that this id was handed out now; gives it back."""
        self._at[name] = self.monotonic()
        return name

    def age(self, name: str) -> float | None:
        """Seconds since the id was handed out, or None for one that was there from the start."""
        born = self._at.get(name)
        return None if born is None else self.monotonic() - born
