"""Verbs `triggers list | webhook-register | webhook-remove`."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict
from urllib.parse import urlsplit

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import ConfigurationError
from facilitator.runs.hooks import Hook
from facilitator.service.application import Application
from facilitator.settings import Team

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def listed(context: Context, limit: int) -> Answer:
    """What people asked for, newest first."""
    with context.application() as app:
        asked = app.commands.recent(limit=limit)
    lines = [
        f"{one.said_at:%Y-%m-%d %H:%M}  {one.team:<16} {one.ceremony or '?':<14} {one.kind:<8} by {one.who or 'nobody':<18} "
        f"{one.verdict or 'taken':<9} {one.run_id or ''}".rstrip()
        for one in asked
    ]
    return Answer([asdict(one) for one in asked], "\n".join(lines) or "Nobody asked for anything yet.")


def registered(context: Context, slug: str) -> Answer:
    """Ask for one webhook of the team's project; a second time the first one is kept."""
    with context.application() as app:
        team = app.settings.team(slug)
        known = [hook for hook in app.hooks.of(team.project) if hook.gid]
        if known:
            return Answer({"webhook": known[0].gid}, f"{team.name} has the webhook {known[0].gid} already.")
        gid = asyncio.run(_register(app, team))
        return Answer({"webhook": gid}, f"Asana pushes the events of {team.name} from now on: webhook {gid}.")


def removed(context: Context, slug: str) -> Answer:
    """End every webhook of the team's project."""
    with context.application() as app:
        hooks = app.hooks.of(app.settings.team(slug).project)
        asyncio.run(_remove(app, hooks))
    return Answer({"removed": len(hooks)}, f"{len(hooks)} webhooks ended.")


async def _register(app: Application, team: Team) -> str:
    base = _public(app.settings.web.url, loopback_asana=app.settings.asana.base_url)
    path = secrets.token_urlsafe(32)
    app.hooks.expect(path, team.project, now=app.clock())
    try:
        async with app.reading(app) as tracker:
            gid = await tracker.ask_for_webhook(team.project, f"{base}/hooks/asana/{path}")
    except BaseException:
        app.hooks.drop(path)
        raise
    app.hooks.made(path, gid)
    return gid


async def _remove(app: Application, hooks: list[Hook]) -> None:
    async with app.reading(app) as tracker:
        for hook in hooks:
            if hook.gid:
                await tracker.end_webhook(hook.gid)
            app.hooks.drop(hook.path)


def _public(base: str, *, loopback_asana: str) -> str:
    """The dashboard's address if Asana can reach it; a simulated Asana on this machine reaches this machine."""
    local = urlsplit(loopback_asana).hostname in LOOPBACK
    if local or (urlsplit(base).scheme == "https" and urlsplit(base).hostname not in LOOPBACK):
        return base
    raise ConfigurationError(
        f"Asana cannot reach {base}.",
        suggestion="Set [web] base_url to the https address under which `serve` is reached from outside.",
    )
