"""The notifier put together for one deployment: its channels from the configuration. It decides nothing."""

from __future__ import annotations

import asyncio
from typing import Protocol
from zoneinfo import ZoneInfo

from facilitator.board.snapshot import ProjectGid
from facilitator.errors import ConfigurationError
from facilitator.runs.delivery import Delivery
from facilitator.runs.ports import PrivateTasks, Tracker
from facilitator.service.application import Application
from facilitator.service.channels import Channel
from facilitator.service.channels.asana import asana_channel
from facilitator.service.channels.line import log_channel
from facilitator.service.notifier import Notifier, Telling
from facilitator.settings import Secret, Settings


class Board(Tracker, PrivateTasks, Protocol):
    """What the Asana channel needs of a tracker."""


def notifier(app: Application, tracker: Board) -> Notifier:
    """The notifier of the application, over an open tracker."""
    return Notifier(
        store=app.store,
        notices=app.notices,
        marks=app.marks,
        channels=channels(app, tracker),
        telling=lambda team: telling(app.settings, team),
        assignment=lambda run: app.assignments.get((run.team, run.ceremony)),
        clock=app.clock,
    )


def channels(app: Application, tracker: Board) -> dict[str, Channel]:
    """The channels there are, by name; teams may change while they are used, the mail server may not."""
    from facilitator.service.channels.mail import mail_channel
    from facilitator.service.channels.slack import slack_channel

    delivery = Delivery(tracker, asyncio.sleep)
    found: dict[str, Channel] = {
        "log": log_channel,
        "asana": asana_channel(tracker, delivery, lambda team: _project(app.settings, team)),
        "slack": slack_channel(
            lambda variable: app.revealing(_webhook(app.settings, variable), "notices to Slack")()
        ),
    }
    mailbox = app.settings.mailbox
    if mailbox:
        found["email"] = mail_channel(mailbox, app.revealing(mailbox.password, "notices by e-mail"))
    return found


def telling(settings: Settings, slug: str) -> Telling:
    """How the team's people are told; for no team, or one that is gone, as [notify] says."""
    for team in settings.teams:
        if team.slug == slug:
            return Telling(team.notify, team.zone)
    return Telling(settings.notify, ZoneInfo("UTC"))


def _project(settings: Settings, slug: str) -> ProjectGid | None:
    fitting = [team.project for team in settings.teams if slug in ("", team.slug)]
    return fitting[0] if fitting else None


def _webhook(settings: Settings, variable: str) -> Secret:
    for notify in (settings.notify, *(team.notify for team in settings.teams)):
        if notify.slack.name == variable:
            return notify.slack
    raise ConfigurationError(
        f"nothing uses {variable} any more.", suggestion="Name it as slack_variable in [notify]."
    )
