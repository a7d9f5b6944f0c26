"""Telling people: what failed, expired or waits is found in the run log, and each notice goes its ways until it arrives.

Nothing hooks into the pipeline, so a notifier in trouble never holds a run. The same event is one notice whoever finds
it and however often; a notice is planned once and each of its ways is tried until it arrives or is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import structlog

from facilitator.errors import ConfigurationError, FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.notices import Dispatch, Marks, Notice, Notices, event_key
from facilitator.runs.run import Run, RunState
from facilitator.runs.store import RunStore
from facilitator.service.channels import Channel
from facilitator.service.watching import SERVED
from facilitator.settings.notify import Notify

log = structlog.get_logger()

EVENTS = {"failed": RunState.FAILED, "expired": RunState.EXPIRED, "waiting": RunState.JUDGED}
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
"""Waits after each try that failed for a passing reason; after the last the notice is given up, a day later."""
LEASE = timedelta(minutes=5)
"""How long a try may take before another process may think that its process died."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How the people of one team ("" for everybody's notices) are told, and in which zone their hours are."""

    notify: Notify
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Notifier:
    """Finds, plans and delivers; holds nothing between turns."""

    store: RunStore
    notices: Notices
    marks: Marks
    channels: Mapping[str, Channel]
    telling: Callable[[str], Telling]
    assignment: Callable[[Run], Assignment | None]
    clock: Callable[[], datetime]

    async def turn(self) -> None:
        """Find what is new, plan it, and try what is due. Ways are tried together: a slow one holds no other."""
        self._find()
        for notice in self.notices.unplanned():
            self._plan(notice)
        await asyncio.gather(*(self._try(dispatch) for dispatch in self.notices.due(self.clock())))

    def _find(self) -> None:
        now = self.clock()
        since = self.marks.first(
            SERVED, now=now
        )  # what ended before a deployment's first start is nobody's news
        for kind, state in EVENTS.items():
            for run_id in self.notices.untold(kind, state, since=since):
                run = self.store.get(run_id)
                if state is not RunState.JUDGED or run.waits_for_a_person:
                    self.notices.post(describe(kind, run, self.assignment(run)), now=now)

    def _plan(self, notice: Notice) -> None:
        now, told = self.clock(), self.telling(notice.team)
        muted = notice.kind in told.notify.mute
        first = told.notify.quiet_hours.end_of(now.astimezone(told.zone)) if told.notify.quiet_hours else None
        ways = () if muted else ways_of(told.notify)
        self.notices.plan(notice, ways, first_at=first or now, now=now)

    async def _try(self, dispatch: Dispatch) -> None:
        now = self.clock()
        if not self.notices.attempting(dispatch, now=now, until=now + LEASE):
            return
        fields = {"notice": dispatch.notice.key, "channel": dispatch.channel}
        try:
            reference = await self.channels.get(dispatch.channel, _unknown)(dispatch)
        except FacilitatorError as error:
            self._failed(dispatch, error)
        except Exception as error:
            log.exception("channel_broke", **fields, error=str(error))
            self._failed(dispatch, FacilitatorError(f"{type(error).__name__}", retryable=True))
        else:
            self.notices.sent(dispatch, now=self.clock(), reference=reference)
            log.info("told", **fields)

    def _failed(self, dispatch: Dispatch, error: FacilitatorError) -> None:
        # A wrong or missing secret is mended without a restart where it comes from a file: that may pass too.
        passing = error.retryable or isinstance(error, ConfigurationError)
        again = next_try(dispatch.attempts, now=self.clock()) if passing else None
        why = f"{error.message} {error.suggestion}".strip()
        self.notices.failed(dispatch, why=why, next_at=again)
        tell = log.warning if again else log.error
        tell(
            "not_told", notice=dispatch.notice.key, channel=dispatch.channel, error=why,
            next=again.isoformat() if again else "given up",
        )  # fmt: skip


async def _unknown(dispatch: Dispatch) -> str:
    raise ConfigurationError(
        f"the channel {dispatch.channel} is not configured any more.", suggestion="Put it back into [notify]."
    )


def ways_of(notify: Notify) -> tuple[tuple[str, str], ...]:
    """The (channel, address) pairs of a notice: one for each person where the channel speaks to persons."""
    ways: list[tuple[str, str]] = []
    for channel in notify.channels:
        match channel:
            case "asana":
                ways += [(channel, person.gid) for person in notify.people if person.gid]
            case "email":
                ways += [(channel, person.email) for person in notify.people if person.email]
            case "slack":
                ways.append((channel, notify.slack.name))
            case _:
                ways.append((channel, ""))
    return tuple(dict.fromkeys(ways)) or (("log", ""),)


def next_try(attempts_before: int, *, now: datetime) -> datetime | None:
    """When to try again after a try that failed for a passing reason, or None where it was the last."""
    return now + WAITS[attempts_before] if attempts_before < len(WAITS) else None


def describe(kind: str, run: Run, assignment: Assignment | None) -> Notice:
    """What a person needs to hear of a run: what happened, which window, what to do next."""
    title = assignment.ceremony.title if assignment else run.ceremony
    team = assignment.team_name if assignment else run.team
    zone: tzinfo = assignment.rules.zone if assignment else UTC
    window = f"{run.window.start.astimezone(zone):%a %d %b %H:%M} to {run.window.end.astimezone(zone):%a %d %b %H:%M %Z}"
    happened, next_step = _words(kind, run, assignment, zone)
    subject = f"{title} of {team} {happened}"
    lines = [run.reason, f"Window: {window}. Run: {run.id}.", next_step]
    return Notice(
        event_key(kind, run.id, run.outcome_id),
        kind,
        run.team,
        run.id,
        subject,
        "\n".join(filter(None, lines)),
    )


def _words(kind: str, run: Run, assignment: Assignment | None, zone: tzinfo) -> tuple[str, str]:
    pages = assignment.dashboard if assignment else ""
    whole = f"{f'{pages}/runs/{run.id}' if pages else f'`runs show {run.id}`'} tells the whole story."
    if kind == "waiting":
        names = ", ".join(person.name for person in assignment.approvers) if assignment else ""
        until = f" until {run.expires_at.astimezone(zone):%a %d %b %H:%M %Z}" if run.expires_at else ""
        ask = f"It waits for {names or 'an approver'}{until}; silence means no."
        where = f"{pages}/approvals/{run.id}" if pages else "`approvals list`"
        return "waits for a decision", f"{ask} {where} shows the draft."
    if kind == "expired":
        return "was not written: nobody decided in time", f"The next one covers this window too. {whole}"
    return "was not written: its run failed", f"The next one covers this window too. {whole}"
