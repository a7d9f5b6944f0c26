"""Verbs `notices list | test`: what people were told, and whether the channels work."""

from __future__ import annotations

import asyncio
from typing import Any

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.cli.progress import logs_aside
from facilitator.errors import CheckFailed
from facilitator.runs.notices import Dispatch, Notice, Posted
from facilitator.service.application import Application


def listed(context: Context, limit: int) -> Answer:
    """Newest first, a line for each way."""
    with context.application() as app:
        posted = app.notices.recent(limit=limit)
    return Answer(
        [_data(one) for one in posted], "\n".join(map(_lines, posted)) or "Nobody was told anything yet."
    )


def tested(context: Context, team: str) -> Answer:
    """Post a notice of its own kind and deliver it at once; a way that did not arrive is a failed check."""
    logs_aside()
    with context.application() as app:
        if team:
            app.settings.team(team)
        key = f"test/{team}/{app.clock().isoformat()}"
        words = "This is a test. Whoever reads it will hear of failed, expired and waiting runs here."
        app.notices.post(Notice(key, "test", team, None, "Test of the notices", words), now=app.clock())
        asyncio.run(_turn(app))
        (posted,) = [one for one in app.notices.recent(limit=100) if one.notice.key == key]
    failed = [way for way in posted.dispatches if way.sent_at is None and way.trouble]
    data, text = _data(posted), _lines(posted)
    if failed:
        return Answer(data, text, CheckFailed(f"{failed[0].channel}: {failed[0].trouble}"))
    return Answer(data, text)


async def _turn(app: Application) -> None:
    from facilitator.service.notifying import notifier

    async with app.reading(app) as tracker:
        await notifier(app, tracker).turn()


def _data(posted: Posted) -> dict[str, Any]:
    notice = posted.notice
    return {
        "key": notice.key, "kind": notice.kind, "team": notice.team, "run_id": notice.run, "at": posted.at.isoformat(),
        "subject": notice.subject, "text": notice.text,
        "ways": [
            {"channel": way.channel, "address": way.address, "attempts": way.attempts, "status": _status(way), "trouble": way.trouble}
            for way in posted.dispatches
        ],
    }  # fmt: skip


def _lines(posted: Posted) -> str:
    notice = posted.notice
    ways = [
        f"    {way.channel} {way.address}: {_status(way)} {way.trouble}".replace("  ", " ").rstrip()
        for way in posted.dispatches
    ]
    return "\n".join(
        [f"{posted.at:%Y-%m-%d %H:%M}  {notice.kind:<8} {notice.team:<16} {notice.subject}", *ways]
    )


def _status(way: Dispatch) -> str:
    if way.sent_at is not None:
        return f"told {way.sent_at:%Y-%m-%d %H:%M} UTC"
    return "given up" if way.next_at is None else f"to be tried at {way.next_at:%Y-%m-%d %H:%M} UTC"
