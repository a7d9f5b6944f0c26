"""One value of the configuration at a time: what a person wrote becomes what the engine uses.

Every reader takes a TOML value and returns the inner one, or raises `Refused` with what to write instead. None knows
where its value stood.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from facilitator.calendar.workdays import DAY_NAMES, supported_countries, weekday_number
from facilitator.settings.faults import Refused
from facilitator.settings.nearest import did_you_mean, nearest, one_of, quoted

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
GID = re.compile(r"[1-9][0-9]{0,31}")


def read_zone(value: object) -> ZoneInfo:
    """An IANA time zone such as Europe/Berlin."""
    if not isinstance(value, str):
        raise Refused("must be a time zone in quotes.", 'Write one such as "Europe/Berlin".')
    zones = available_timezones()
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
