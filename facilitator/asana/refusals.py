"""What an answer of Asana means, as an error a person can act on.

Owns the words and the two verdicts of every failure: may it help to try again, may a write have happened. Statuses
decide, never messages: Asana's errors carry no machine code. It does not wait and does not retry.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from facilitator.errors import TrackerError

LONGEST_MESSAGE = 300

REMEDIES = {
    400: "Check the gids in facilitator.toml; if they are right, report this as a fault of ours.",
    401: "Give a valid token of the bot user in ASANA_ACCESS_TOKEN or ASANA_ACCESS_TOKEN_FILE, and ask an "
    "administrator whether personal tokens are allowed.",
    402: "The workspace's plan lacks this feature: turn it off for this team, or change the plan.",
    403: "Invite the bot user to {what} with the right to comment, and check that no field it needs is locked.",
    404: "{what} was deleted or is not shared with the bot user: check its gid in facilitator.toml and share it.",
    429: "The token's rate limit is used up: try again later, start the teams at different minutes, or lower "
    "the requests a minute.",
    451: "Asana blocks this address for legal reasons: run from another network.",
    501: "Asana does not offer this call here; leave the feature out.",
}
SERVER_TROUBLE = "Asana is in trouble: try again later, and look at status.asana.com."
IN_DOUBT = "It may have happened all the same: look before writing again."


@dataclass(frozen=True, slots=True)
class About:
    """What a call is for, in words: `About("read", "project 77")`. `write` marks calls that change something.

    `once` marks those that are never sent later than now, not even after a 429: what they rest on would be stale.
    """

    verb: str
    what: str
    write: bool = False
    once: bool = False

    def __str__(self) -> str:
        return f"{self.verb} {self.what}"


def is_passing(status: int) -> bool:
    """Tell whether a status is worth another try of a read: rate limits, failed dependencies, server trouble."""
    return status in (424, 429) or (status >= 500 and status != 501)


def refusal(about: About, status: int, body: bytes, *, scopes: str = "") -> TrackerError:
    """Name the failure of an answered call. Server trouble leaves a write in doubt, a refusal does not.

    `scopes` says which right an app's token may lack; it is told with a 403.
    """
    said = message_of(body)
    in_doubt = about.write and status >= 500 and status != 501
    remedy = REMEDIES.get(status, SERVER_TROUBLE if status >= 500 else "")
    if status == 403 and scopes:
        remedy = f"{remedy} {scopes}"
    if 300 <= status < 400:
        remedy = "Redirects are not followed, the token would travel along: check ASANA_BASE_URL."
    return TrackerError(
        f"Asana would not {about}: {status}{f' ({said})' if said else ''}.",
        suggestion=IN_DOUBT if in_doubt else _capital(remedy.format(what=about.what)),
        retryable=is_passing(status),
        status=status,
        in_doubt=in_doubt,
    )


def unreachable(about: About, cause: str, *, sent: bool) -> TrackerError:
    """Name a call without an answer. `sent` false means it cannot have arrived, so nothing is in doubt."""
    in_doubt = about.write and sent
    return TrackerError(
        f"Asana could not be reached to {about}: {cause}.",
        suggestion=IN_DOUBT if in_doubt else "Check the network and ASANA_BASE_URL, then try again.",
        retryable=True,
        in_doubt=in_doubt,
    )


def unreadable(about: About, status: int, why: str) -> TrackerError:
    """Name a success whose body makes no sense: the write it answers may well have happened."""
    return TrackerError(
        f"Asana's answer to {about} could not be understood: {status}, {why}.",
        suggestion=IN_DOUBT if about.write else "Try again later; check that ASANA_BASE_URL is Asana's API.",
        retryable=True,
        status=status,
        in_doubt=about.write,
    )


def no_patience(about: About, seconds: float, allowed: float) -> TrackerError:
    """Name a rate limit that asks for more waiting than a call is allowed."""
    return TrackerError(
        f"Asana would not {about}: 429, it asks to wait {seconds:.0f} s and this call may wait {allowed:.0f} s.",
        suggestion=REMEDIES[429],
        retryable=True,
        status=429,
    )


def message_of(body: bytes) -> str:
    """Asana's own words from an error body, on one line; empty where the body is not Asana's (an HTML page, say)."""
    try:
        errors = json.loads(body)["errors"]
        words = [_words(error) for error in errors if isinstance(error, dict)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return plain("; ".join(word for word in words if word))


def plain(text: str) -> str:
    """Text of others, made fit for a message: one line, no control characters, bounded."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(line.split())[:LONGEST_MESSAGE]


def _words(error: dict[str, Any]) -> str:
    return " ".join(str(error[key]) for key in ("message", "phrase") if error.get(key))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
