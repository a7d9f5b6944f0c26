"""Channels that could never tell anyone, and triggers nobody could pull: no address, no server, no ceremony, no person.

Works on the raw document like the rest of `consistency`, and passes over values of the wrong kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from facilitator.settings.faults import Found, KeyPath
from facilitator.settings.nearest import did_you_mean, one_of, quoted
from facilitator.settings.notify import SLACK_VARIABLE, SMTP_VARIABLE

Table = Mapping[str, Any]
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ADDRESSES = {"asana": "gid", "email": "email"}
"""The address each channel needs of at least one person."""


def channel_faults(path: KeyPath, own: Table, common: Table, approvers: list[Any]) -> Iterator[Found]:
    """Faults of one [notify] table, which what it leaves out comes from `common` and the approvers."""
    channels = own.get("channels", common.get("channels", []))
    people = own.get("people", common.get("people", approvers))
    whole = own is common
    if not isinstance(channels, list) or not isinstance(people, list) or not (own or not whole):
        return
    for channel in channels:
        key = ADDRESSES.get(channel) if isinstance(channel, str) else None
        # Everybody's table may leave people to the teams' approvers; each team's own is looked at by itself.
        if key and not (whole and "people" not in own) and not any(_has(person, key) for person in people):
            at = (*path, "channels") if "channels" in own else path[:-1] if not own else path
            yield Found(at, f'nobody has the {key} that the channel "{channel}" needs.', _remedy(key))
        if channel == "email" and not isinstance(common.get("email"), dict):
            at = (*path, "channels") if "channels" in own else path[:-1]
            yield Found(at, "there is no mail server.", "Add [notify.email] with host and sender.")
    if whole:
        yield from _server(path, own.get("email"))


def trigger_faults(path: KeyPath, team: Table, known: Collection[str] | None) -> Iterator[Found]:
    """Faults of one team's [triggers]: nobody whose word counts, or a ceremony that does not exist."""
    triggers = team.get("triggers")
    if not isinstance(triggers, dict):
        return
    people = triggers.get("people", team.get("approvers", []))
    if triggers.get("enabled") is True and isinstance(people, list):
        named = [person for person in people if "people" in triggers or _has(person, "gid")]
        if not named:
            yield Found(path, "nobody's word counts.", 'Add people = ["1100000000000001"].')
    for table in ("phrases", "sections", "tasks"):
        words = triggers.get(table)
        for said, ceremony in words.items() if isinstance(words, dict) else ():
            if known is not None and isinstance(ceremony, str) and ceremony not in known:
                hint = did_you_mean(ceremony, known) or one_of(sorted(known))
                yield Found((*path, table, said), f"unknown ceremony {quoted(ceremony)}.", hint)


def secret_variables(document: Table) -> Iterator[str]:
    """Names of the variables that hold secrets of the channels, as far as they can be read."""
    yield SMTP_VARIABLE
    yield SLACK_VARIABLE
    teams = document.get("teams")
    for table in [document, *(teams if isinstance(teams, list) else [])]:
        notify = table.get("notify") if isinstance(table, dict) else None
        variable = notify.get("slack_variable") if isinstance(notify, dict) else None
        if isinstance(variable, str):
            yield variable


def _has(person: Any, key: str) -> bool:
    if isinstance(person, str):
        return key == "gid" and person.isascii() and person.isdigit()
    return isinstance(person, dict) and bool(person.get(key))


def _remedy(key: str) -> str:
    example = '"1100000000000001"' if key == "gid" else '"alice@example.org"'
    return f'Add people = [{{ name = "Alice", {key} = {example} }}].'


def _server(path: KeyPath, email: Any) -> Iterator[Found]:
    if isinstance(email, dict) and email.get("security") == "none" and email.get("host") not in LOOPBACK:
        message = "mail would travel unencrypted."
        yield Found(
            (*path, "email", "security"), message, 'Write "starttls" or "tls"; "none" is for this machine.'
        )
