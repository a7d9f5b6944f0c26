"""One value of the configuration at a time: what a person wrote becomes what the engine uses.

Every reader takes a TOML value and returns the inner one, or raises `Refused` with what to write instead. None knows
where its value stood.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date, datetime, time, timedelta
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from facilitator.calendar.cadence import Cron
from facilitator.calendar.workdays import DAY_NAMES, supported_countries, weekday_number
from facilitator.settings.faults import Refused
from facilitator.settings.nearest import did_you_mean, nearest, one_of, quoted
from facilitator.settings.notify import QuietHours

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})", re.ASCII)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
GID = re.compile(r"[1-9][0-9]{0,31}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,79}", re.ASCII)


def read_zone(value: object) -> ZoneInfo:
    """An IANA time zone such as Europe/Berlin."""
    if not isinstance(value, str):
        raise Refused("must be a time zone in quotes.", 'Write one such as "Europe/Berlin".')
    zones = _zones()
    if value in zones:
        return ZoneInfo(value)
    by_city = {zone.rpartition("/")[2]: zone for zone in sorted(zones)}
    found = dict.fromkeys(nearest(value, zones, 2))
    found.update(
        dict.fromkeys(by_city[city] for city in nearest(value.rpartition("/")[2], by_city, 1, cutoff=0.7))
    )
    hint = (
        f"Did you mean {' or '.join(map(quoted, list(found)[:3]))}?"
        if found
        else 'Write one such as "Europe/Berlin".'
    )
    raise Refused(f"unknown time zone {quoted(value)}.", hint)


@cache
def _zones() -> frozenset[str]:
    """Asking walks through every zone's file: once is enough for a thousand teams."""
    return frozenset(available_timezones())


def read_time(value: object) -> time:
    """A local time of day: text such as "09:15", or a TOML local time."""
    if isinstance(value, time):
        return value
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused(
            f"{quoted(value)} is not a time of day.", 'Write it as "09:15", in the team\'s own zone.'
        )
    hour, minute, second = (int(part or 0) for part in match.groups())
    return time(hour, minute, second)


def read_quiet_hours(value: object) -> QuietHours:
    """A span of local time such as "20:00-07:00"; over midnight where the second is the earlier one."""
    since, dash, until = value.partition("-") if isinstance(value, str) else ("", "", "")
    try:
        if dash and since.strip() != until.strip():
            return QuietHours(read_time(since.strip()), read_time(until.strip()))
    except Refused:
        pass
    raise Refused(f"{quoted(value)} is no span of the day.", 'Write it as "20:00-07:00".')


def read_email(value: object) -> str:
    """A plain e-mail address, without a display name."""
    if isinstance(value, str) and _EMAIL.fullmatch(value):
        return value
    raise Refused(f"{quoted(value)} is not an e-mail address.", 'Write it as "alice@example.org".')


def read_variable(value: object) -> str:
    """The name of an environment variable that holds a secret, never the secret itself."""
    if isinstance(value, str) and _VARIABLE.fullmatch(value):
        return value
    # What stands here may be the secret, put into the wrong place: it is not repeated.
    raise Refused("must be the name of an environment variable.", 'Write one such as "SLACK_WEBHOOK_URL".')


def read_day(value: object) -> int:
    """A day of the week by its English name, whole or cut; Monday is 0."""
    if isinstance(value, str):
        try:
            return weekday_number(value)
        except ValueError:
            pass
    raise Refused(
        f"{quoted(value)} is not a day of the week.", did_you_mean(str(value), DAY_NAMES) or one_of(DAY_NAMES)
    )


def read_days_off(value: object) -> tuple[date, ...]:
    """One day off, or all of a span written as text with both its ends: "2026-12-24/2026-12-31"."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return (value,)
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    try:
        first, last = (date.fromisoformat(day) for day in match.groups()) if match else (None, None)
    except ValueError:
        first = last = None
    if first is None or last is None or not 0 <= (last - first).days <= 366:
        raise Refused(
            f"{quoted(value)} is not a day or a span of days.",
            'Write 2026-12-24 without quotes, or "2026-12-24/2026-12-31".',
        )
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def read_cron(value: object) -> str:
    """A line of five cron fields, in the team's own zone."""
    if not isinstance(value, str):
        raise Refused("must be a cron line in quotes.", 'Write one such as "30 16 * * 5".')
    try:
        return Cron(" ".join(value.split())).line
    except ValueError as error:
        raise Refused(f"{error}.", "Fields: minute, hour, day of month, month, day of week.") from None


def read_working_day_of_month(value: object) -> int:
    """Which working day of a month: "first", "last", 3 (from its start) or -2 (from its end)."""
    named = {"first": 1, "last": -1}.get(value) if isinstance(value, str) else value
    if isinstance(named, int) and not isinstance(named, bool) and 1 <= abs(named) <= 23:
        return named
    raise Refused(
        f"{quoted(value)} is not a working day of a month.",
        'Write "first", "last", 3 for the third, or -2 for the last but one; 23 at most.',
    )


def read_moment(value: object) -> datetime:
    """A TOML date-time; one without an offset is meant in the team's own zone."""
    if isinstance(value, datetime):
        return value
    raise Refused(
        f"{quoted(value)} is not a date and a time.",
        "Write 2026-12-01T10:00:00 without quotes, in the team's zone.",
    )


def read_gid(value: object) -> str:
    """An Asana gid. A bare number is taken too, since every gid looks like one."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if GID.fullmatch(text):
        return text
    inside = re.findall(r"\d{6,}", text) if "://" in text else []
    hint = (
        f'Write "{inside[-1]}".'
        if len(inside) == 1
        else "It is the long number in the project's or task's address."
    )
    raise Refused(f"{quoted(value)} is not an Asana gid (digits only).", hint)


def read_slug(value: object) -> str:
    """A team's short name, as commands and run keys use it."""
    if isinstance(value, str) and _SLUG.fullmatch(value):
        return value
    better = slug_of(value) if isinstance(value, str) else ""
    raise Refused(
        f"{quoted(value)} is not a short name: lower-case letters, digits and dashes, 64 at most.",
        f'Write "{better}".' if better else 'Write one such as "payments".',
    )


def slug_of(name: str) -> str:
    """The short name that fits a team's display name; empty where no plain letter or digit is in it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64].strip("-")


def read_url(value: object) -> str:
    """The base address of a service, without a slash at its end. Plain http is for this machine and private hosts:
    a token travels in every request.
    """
    text = value.strip().rstrip("/") if isinstance(value, str) else ""
    host, secure = _host_of(text)
    if not host:
        raise Refused(
            f"{quoted(value)} is not a web address.", 'Write one such as "https://app.asana.com/api/1.0".'
        )
    if not secure and not _is_private(host):
        raise Refused(
            f"{quoted(value)} would send the token unencrypted.", "Write https:// instead of http://."
        )
    return text


def read_address(value: object) -> str:
    """The network address of a peer, such as 127.0.0.1 or ::1."""
    try:
        return str(ipaddress.ip_address(value if isinstance(value, str) else ""))
    except ValueError:
        raise Refused(
            f"{quoted(value)} is not a network address.", 'Write one such as "127.0.0.1".'
        ) from None


def is_loopback(host: str) -> bool:
    """Whether a host to listen on is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_holidays(value: object) -> tuple[str, str]:
    """A country, and a subdivision where it matters: `DE`, `DE-BE`."""
    if not isinstance(value, str) or not value:
        raise Refused("must be a country code in quotes.", 'Write one such as "DE" or "DE-BE".')
    country, _, subdivision = value.partition("-")
    countries = supported_countries()
    if country not in countries:
        hint = did_you_mean(country.upper(), countries) or 'Write an ISO code such as "DE" or "DE-BE".'
        raise Refused(f"no holidays are known for the country {quoted(country)}.", hint)
    if subdivision and subdivision not in countries[country]:
        hint = did_you_mean(subdivision, countries[country]) or one_of(countries[country] or (country,))
        raise Refused(f"{country} has no subdivision {quoted(subdivision)}.", hint)
    return country, subdivision


def read_pattern(value: object) -> str:
    """A regular expression in Python's syntax."""
    try:
        if isinstance(value, str) and value:
            re.compile(value)
            return value
    except re.error as error:
        raise Refused(f"{quoted(value)} is not a regular expression: {error}.") from None
    raise Refused("must be a regular expression in quotes.")


def _host_of(url: str) -> tuple[str, bool]:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return "", False
    plain = parts.scheme in {"http", "https"} and not (parts.query or parts.fragment or parts.username)
    return (parts.hostname or "" if plain else ""), parts.scheme == "https"


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
