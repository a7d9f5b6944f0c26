"""Whether a team's people get a private word about tasks of theirs at risk, when, and who does not.

Off unless the team turns it on. Made by `load`; read by the service that nudges.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING

from facilitator.board.risk import Limits

if TYPE_CHECKING:
    from facilitator.settings.shape import NudgesShape


@dataclass(frozen=True, slots=True)
class Nudges:
    """`at` is the local hour from which people are nudged; `absent` holds (gid, day) pairs, `never` gids."""

    enabled: bool = False
    at: time = time(10)
    limits: Limits = field(default_factory=Limits)
    never: frozenset[str] = frozenset()
    absent: frozenset[tuple[str, date]] = frozenset()

    def leaves_alone(self, person: str, day: date) -> bool:
        """Whether the person is not to be nudged that day."""
        return person in self.never or (person, day) in self.absent


def nudges_of(shape: NudgesShape) -> Nudges:
    """A team's nudges from its checked table."""
    return Nudges(
        enabled=shape.enabled,
        at=shape.at,
        limits=Limits(shape.due_within_days, shape.blocked_days),
        never=frozenset(shape.never),
        absent=frozenset((each.gid, day) for each in shape.absent for span in each.days for day in span),
    )
