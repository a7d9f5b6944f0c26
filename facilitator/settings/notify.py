"""Who is told of trouble, through which channels, and when not.

Made by `load`; read by the notifier. What a team leaves out is taken from [notify], and from its approvers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from facilitator.settings.secret import Secret

if TYPE_CHECKING:
    from facilitator.settings.shape import ContactShape, EmailShape, NotifyShape
    from facilitator.settings.team import Person

ChannelName = Literal["log", "asana", "slack", "email"]
SLACK_VARIABLE, SMTP_VARIABLE = "SLACK_WEBHOOK_URL", "SMTP_PASSWORD"


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone to be told; each channel needs its own address of them: an Asana gid, an e-mail address."""

    name: str
    gid: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one local time of day to another, over midnight where `until` is the earlier one."""

    since: time
    until: time

    def end_of(self, local: datetime) -> datetime | None:
        """When the quiet the instant lies in ends, or None where it lies in none; in the instant's own zone."""
        now, over_midnight = local.timetz().replace(tzinfo=None), self.since > self.until
        quiet = now >= self.since or now < self.until if over_midnight else self.since <= now < self.until
        if not quiet:
            return None
        day = local.date() + timedelta(days=1 if over_midnight and now >= self.since else 0)
        return datetime.combine(day, self.until, tzinfo=local.tzinfo)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The SMTP server mail goes through. `security` none is for this machine only; `user` "" means no login."""

    host: str
    port: int
    sender: str
    user: str
    security: Literal["starttls", "tls", "none"]
    password: Secret = field(default_factory=lambda: Secret(SMTP_VARIABLE))


@dataclass(frozen=True, slots=True)
class Notify:
    """How one team, or everybody, is told. A kind of notice is told unless it is in `mute`.

    So many documents in a row with nothing to tell as `quiet_streak` says are suspicious; 0 never are.
    """

    channels: tuple[ChannelName, ...] = ("log",)
    people: tuple[Contact, ...] = ()
    mute: frozenset[str] = frozenset()
    quiet_hours: QuietHours | None = None
    slack: Secret = field(default_factory=lambda: Secret(SLACK_VARIABLE))
    quiet_streak: int = 5


def notify_of(
    own: NotifyShape, common: NotifyShape, approvers: tuple[Person, ...], environ: Mapping[str, str]
) -> Notify:
    """What holds for one team: its own words, else everybody's, else its approvers through the log."""
    people = own.people if own.people is not None else common.people
    channels = own.channels if own.channels is not None else common.channels
    mute = own.mute if own.mute is not None else common.mute
    variable = own.slack_variable or common.slack_variable or SLACK_VARIABLE
    return Notify(
        channels=("log",) if channels is None else tuple(dict.fromkeys(channels)),
        people=tuple(Contact(person.name, person.gid) for person in approvers)
        if people is None
        else tuple(map(_contact, people)),
        mute=frozenset(mute or ()),
        quiet_hours=own.quiet_hours or common.quiet_hours,
        slack=Secret.named(variable, environ),
        quiet_streak=next((n for n in (own.quiet_streak, common.quiet_streak) if n is not None), 5),
    )


def mailbox_of(shape: EmailShape | None, environ: Mapping[str, str]) -> Mailbox | None:
    """The mail server, or None where none is configured."""
    if shape is None:
        return None
    password = Secret.named(SMTP_VARIABLE, environ)
    return Mailbox(shape.host, shape.port, shape.sender, shape.user or "", shape.security, password)


def _contact(shape: ContactShape) -> Contact:
    return Contact(shape.name or shape.email or shape.gid or "", shape.gid or "", shape.email or "")
