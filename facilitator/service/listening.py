"""Listening to boards: a request in a comment, a column or a new task becomes a run, once, on the same path as `run`.

Events only say where to look. A project's place in its stream is kept; where the token has died, everything said since the
last good look is read anew. The same request seen again, by whichever road, is the same command and the same window, hence
the same run. What comes of it is answered with one short comment.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from facilitator.board.snapshot import ProjectGid
from facilitator.drafts.richtext import escape
from facilitator.errors import CheckFailed, FacilitatorError, TrackerError
from facilitator.runs.assignment import Assignment
from facilitator.runs.commands import Asked, Commands, StreamPlace
from facilitator.runs.coverage import Coverage
from facilitator.runs.delivery import Delivery
from facilitator.runs.ports import BoardEvent, EventStream, Remark
from facilitator.runs.run import Parcel, ParcelKind, RunId, run_key
from facilitator.runs.store import RunStore
from facilitator.service.commands import Request, sayings, understand
from facilitator.service.firing import ask, window_at
from facilitator.settings.triggers import Triggers

log = structlog.get_logger()

OVERLAP = timedelta(minutes=15)
"""How much of what was heard before a full look reads again: most events come within ten minutes (asana.md, section 7)."""
STALE = timedelta(hours=24)
"""A request older than this is not run any more: whoever made it has long helped themselves."""
REPLY_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
LEASE = timedelta(minutes=5)
KEPT = 5000
"""Identities remembered between looks, so that an event told again is not read again."""


@dataclass(frozen=True, slots=True)
class Ear:
    """One team that listens to its project: who may speak, and which of its ceremonies may be asked for, by name."""

    team: str
    team_name: str
    project: ProjectGid
    triggers: Triggers
    ceremonies: Mapping[str, Assignment]

    @property
    def titles(self) -> dict[str, str]:
        """The ceremonies' titles by name."""
        return {name: assignment.ceremony.title for name, assignment in self.ceremonies.items()}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command, in one word, and in a sentence for whoever gave it ("" says nothing)."""

    verdict: str
    reply: str
    run: RunId | None = None


class Listener:
    """Takes a turn now and then, and at once when something rings; turns never overlap in one process."""

    def __init__(
        self,
        ears: Callable[[], Iterable[Ear]],
        *,
        stream: Callable[[ProjectGid], Awaitable[EventStream]],
        me: Callable[[], Awaitable[str]],
        store: RunStore,
        commands: Commands,
        start: Callable[[RunId], None],
        asked_on: Callable[[Collection[str]], Iterable[RunId]],
        delivery: Delivery,
        clock: Callable[[], datetime],
    ) -> None:
        """`ears` are asked for at each turn, for teams may change; `start` hands a run to whoever advances runs: one that
        was fired, or one that is asked about on a task where something happened (`asked_on`).
        """
        self._ears = ears
        self._stream, self._me = stream, me
        self._store, self._commands = store, commands
        self._start, self._delivery, self._clock = start, delivery, clock
        self._asked_on = asked_on
        self._turn = asyncio.Lock()
        self._heard: dict[str, None] = {}

    async def turn(self) -> None:
        """Hear what is new in each project, and say the replies that are due. One project's trouble is no other's."""
        async with self._turn:
            by_project: dict[ProjectGid, list[Ear]] = {}
            for ear in self._ears():
                by_project.setdefault(ear.project, []).append(ear)
            for project, ears in by_project.items():
                try:
                    await self._hear(project, ears)
                except FacilitatorError as error:
                    log.warning("not_heard", project=project, error=error.message)
            for asked in self._commands.replies_due(self._clock()):
                await self._reply(asked)

    async def _hear(self, project: ProjectGid, ears: Sequence[Ear]) -> None:
        stream, now = await self._stream(project), self._clock()
        place = self._commands.place(project)
        page = await stream.read(place.sync if place else None)
        if page.expired and place is not None:
            log.info("reading_anew", project=project, since=place.seen_until.isoformat())
            for remark in await stream.since(max(place.began_at, place.seen_until - OVERLAP)):
                await self._consider(ears, remark)
        place = place or StreamPlace(page.sync, now, now)
        while True:
            ignored: Counter[str] = Counter()
            for event in page.events:
                await self._notice(stream, ears, event, ignored)
            for run in self._asked_on({event.parent for event in page.events if event.parent_kind == "task"}):
                self._start(run)
            # Only what was dealt with is passed: a crash before this line reads the page again, which changes nothing.
            place = replace(place, sync=page.sync, seen_until=place.seen_until if page.more else now)
            self._commands.move_on(project, place, ignored)
            if not page.more:
                return
            page = await stream.read(page.sync)

    async def _notice(
        self, stream: EventStream, ears: Sequence[Ear], event: BoardEvent, ignored: Counter[str]
    ) -> None:
        identity = f"{event.kind}/{event.gid}"
        if not _may_ask(event, ears[0].project):
            ignored[f"{event.kind}.{event.action}"] += 1
        elif identity not in self._heard:
            remark = await self._looked_up(stream, event)
            if remark is not None:
                await self._consider(ears, remark)
            self._heard[identity] = None
            if len(self._heard) > KEPT:
                del self._heard[next(iter(self._heard))]

    async def _looked_up(self, stream: EventStream, event: BoardEvent) -> Remark | None:
        """The remark behind an event. One that can never be read must not keep us from hearing what comes after it."""
        try:
            return await stream.look_up(event)
        except TrackerError as error:
            if error.retryable or error.status == 401:
                raise
            log.warning("event_not_read", kind=event.kind, gid=event.gid, error=error.message)
            return None

    async def _consider(self, ears: Sequence[Ear], remark: Remark) -> None:
        for ear in ears:
            known = sayings(ear.titles, ear.triggers)
            request = understand(remark, ear.triggers, known, await self._me())
            if request is not None:
                self._obey(ear, remark, request)

    def _obey(self, ear: Ear, remark: Remark, request: Request) -> None:
        now = self._clock()
        asked = self._commands.take(
            Asked(
                identity=f"{remark.kind}/{remark.gid}",
                team=ear.team,
                project=ear.project,
                task=remark.task,
                kind=request.kind,
                who=remark.author or "",
                ceremony=request.ceremony,
                said_at=remark.at,
                taken_at=now,
            )
        )
        if asked.verdict:
            return
        outcome = self._outcome(ear, remark, request, now)
        self._commands.decide(asked, outcome.verdict, run=outcome.run, reply=outcome.reply, reply_at=now)
        log.info(
            "asked", team=ear.team, ceremony=request.ceremony, by=remark.author, trigger=request.kind,
            verdict=outcome.verdict, run=outcome.run,
        )  # fmt: skip
        if outcome.run is not None and outcome.verdict == "accepted":
            self._start(outcome.run)

    def _outcome(self, ear: Ear, remark: Remark, request: Request, now: datetime) -> Outcome:
        assignment = ear.ceremonies.get(request.ceremony)
        if now - remark.at > STALE:
            return Outcome("stale", "")
        if remark.author is None or remark.author not in ear.triggers.people:
            return Outcome(
                "refused",
                f"Not started: you are not among those who may start ceremonies of {ear.team_name}.",
            )
        if assignment is None:
            return Outcome(
                "unknown", f"Not understood. You can ask for: {', '.join(sorted(ear.ceremonies))}."
            )
        return self._fire(assignment, remark, request, now)

    def _fire(self, assignment: Assignment, remark: Remark, request: Request, now: datetime) -> Outcome:
        # The window ends when it was asked for, so that asking is one window however often it is heard.
        window, title = window_at(self._store, assignment, remark.at), assignment.ceremony.title
        key = run_key(assignment.ceremony.name, window, assignment.team)
        for run in self._store.unfinished():
            same = (run.team, run.ceremony) == (assignment.team, assignment.ceremony.name)
            if same and run.key != key:
                what = "waits for a decision" if run.waits_for_a_person else f"is at work ({run.state})"
                return Outcome("busy", f"Not started: {title} {what} already, run {run.id}.", run.id)
        try:
            coverage = Coverage(self._store.database)
            run = ask(coverage, assignment, remark.at, trigger=request.kind, now=max(now, remark.at)).run
        except CheckFailed as error:
            return Outcome("busy", f"Not started: {error.message}")
        names = ", ".join(person.name for person in assignment.approvers)
        after = f" Its draft will wait for {names}." if names and run.mode == "approve" else ""
        return Outcome("accepted", f"{title} started: run {run.id}.{after}", run.id)

    async def _reply(self, asked: Asked) -> None:
        now = self._clock()
        if not self._commands.replying(asked, until=now + LEASE):
            return
        try:
            gid = await self._delivery.deliver(reply_of(asked, now), asked.task, attempt=lambda: None)
        except TrackerError as error:
            again = error.retryable and asked.tries < len(REPLY_WAITS)
            next_at = self._clock() + REPLY_WAITS[asked.tries] if again else None
            self._commands.replied(asked, gid=None, next_at=next_at)
            log.warning("not_replied", team=asked.team, command=asked.identity, error=error.message)
        else:
            self._commands.replied(asked, gid=gid, next_at=None)


def reply_of(asked: Asked, now: datetime) -> Parcel:
    """The comment that answers a command, known again by its last line."""
    marker = f"ref command/{asked.team}/{asked.identity.replace('/', '-')}"
    body = f"<body>{escape(asked.reply)}\n{marker}</body>"
    digest = hashlib.sha256(body.encode()).hexdigest()
    parcel = Parcel(1, ParcelKind.COMMENT, asked.task, "", "", body, digest, marker)
    return replace(parcel, attempted_at=now) if asked.tries else parcel


def _may_ask(event: BoardEvent, project: ProjectGid) -> bool:
    """Whether an event is worth a look: a comment, a move between columns, or a task added to the project."""
    if event.action != "added":
        return False
    if event.kind == "story":
        # A kind that is not named is looked at: Asana need not say it.
        return event.subtype in ("", "comment_added", "section_changed")
    return event.kind == "task" and event.parent_kind == "project" and event.parent == project
