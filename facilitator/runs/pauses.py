"""Pauses: who stopped a team's ceremonies, since when, until when, and who let them go on.

Beside the run log, in the same database; nothing is deleted, so a window that was skipped can always say why. Whether a
window is due is not asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, insert, or_, select, update

from facilitator.runs import tables
from facilitator.runs.database import Database


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause of a team, or of one of its ceremonies (`ceremony` "" is all of them); `until` None is until resumed."""

    seq: int
    team: str
    ceremony: str
    since: datetime
    until: datetime | None
    by: str
    because: str = ""
    resumed_at: datetime | None = None
    resumed_by: str = ""

    def holds(self, ceremony: str, at: datetime) -> bool:
        """Whether nothing of this ceremony may be fired at the instant; both ends are as a window's: [since, until)."""
        ends = [end for end in (self.until, self.resumed_at) if end is not None]
        ours = self.ceremony in ("", ceremony)
        return ours and self.since <= at and all(at < end for end in ends)

    @property
    def words(self) -> str:
        """Who, until when and why, as a skipped window's reason."""
        until = f" until {self.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if self.until else ""
        return f"paused by {self.by}{until}" + (f": {self.because}" if self.because else "")


@dataclass(frozen=True, slots=True)
class Paused:
    """The pauses that matter now, by team; a question costs no query."""

    pauses: tuple[Pause, ...] = ()

    def over(self, team: str, ceremony: str, at: datetime) -> Pause | None:
        """The pause that holds the ceremony at the instant, or None."""
        ours = (pause for pause in self.pauses if pause.team == team)
        return next((pause for pause in ours if pause.holds(ceremony, at)), None)


_HOLDING = (
    select(tables.pauses)
    .where(
        *(
            or_(end.is_(None), end > bindparam("instant", type_=tables.Instant))
            for end in (tables.pauses.c.until, tables.pauses.c.resumed_at)
        )
    )
    .order_by(tables.pauses.c.seq.desc())
)


class Pauses:
    """The pauses of one run log. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pause(
        self,
        team: str,
        ceremony: str = "",
        *,
        until: datetime | None = None,
        who: str,
        because: str = "",
        now: datetime,
    ) -> Pause:
        """Pause from now on. The same pause again replaces the one that runs, so its end can be moved."""
        self.resume(team, ceremony, who=who, now=now)
        row = {
            "team": team,
            "ceremony": ceremony,
            "since": now,
            "until": until,
            "by": who,
            "because": because,
        }
        with self._database.begin() as connection:
            done = connection.execute(insert(tables.pauses).values(**row))
            seq = done.inserted_primary_key[0] if done.inserted_primary_key else 0
        return Pause(int(seq), team, ceremony, now, until, who, because)

    def resume(self, team: str, ceremony: str = "", *, who: str, now: datetime) -> tuple[Pause, ...]:
        """End the team's pauses of this ceremony, all of them where none is named; gives those it ended."""
        ending = [
            pause
            for pause in self.since(now).pauses
            if pause.team == team and ceremony in ("", pause.ceremony) and pause.holds(pause.ceremony, now)
        ]
        table = tables.pauses
        with self._database.begin() as connection:
            for pause in ending:
                connection.execute(
                    update(table).where(table.c.seq == pause.seq).values(resumed_at=now, resumed_by=who)
                )
        return tuple(ending)

    def since(self, instant: datetime) -> Paused:
        """Every pause that holds at the instant or held after it, newest first."""
        with self._database.connect().execution_options(reading=True) as connection:
            rows = connection.execute(_HOLDING, {"instant": instant})
            return Paused(tuple(Pause(**row._mapping) for row in rows))  # noqa: SLF001 - its public name for it
