"""Slack: one JSON message to an incoming webhook, whose address is the secret.

There is nothing to look at afterwards and no key to send along, so after a lost answer the message is sent again: being
told twice is better than not being told. It names its notice, so that a reader sees it is the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from facilitator.errors import ChannelError
from facilitator.runs.notices import Dispatch, Notice
from facilitator.service.channels import Channel
from facilitator.service.channels.saying import subject_of, text_of

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TIMEOUT_S = 15.0
PASSING = frozenset({408, 425, 429})
"""Refusals that may pass; every 5xx may too. Others (400 invalid_payload, 403, 404 no_service, 410) are final."""


def slack_channel(reveal: Callable[[str], str]) -> Channel:
    """The channel; `reveal` gives the webhook's address by the name of its variable, which is the dispatch's address."""

    async def send(dispatch: Dispatch) -> str:
        url = _checked(reveal(dispatch.address), dispatch.address)
        # A proxy of the environment is for the outside world; a loopback service is reached directly.
        trust_env = urlsplit(url).hostname not in LOOPBACK
        async with httpx.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=trust_env
        ) as client:
            try:
                answer = await client.post(url, json=payload(dispatch.notice))
            except httpx.HTTPError as error:
                # Its own words may quote the address, which is a secret.
                raise _failed(type(error).__name__, dispatch, retryable=True) from None
        if not answer.is_success:
            passing = answer.status_code in PASSING or answer.status_code >= 500
            raise _failed(f"{answer.status_code}", dispatch, retryable=passing)
        return "ok"

    return send


def payload(notice: Notice) -> Mapping[str, Any]:
    """The message. Nothing in it is markup: no mention, link or emphasis can be made by a task's name."""
    team = f" ({notice.team})" if notice.team else ""
    return {
        "text": escape(f"{subject_of(notice)}{team}\n{text_of(notice)}"),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def escape(text: str) -> str:
    """The three characters Slack gives a meaning: with them gone, `<!channel>` and `<@U1>` are just words."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _checked(url: str, variable: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    raise ChannelError(
        f"{variable} does not hold a webhook's address: it must start with https://.",
        suggestion="Copy it again from the app's page in Slack.",
    )


def _failed(what: str, dispatch: Dispatch, *, retryable: bool) -> ChannelError:
    return ChannelError(
        f"Slack did not take the notice {dispatch.notice.key}: {what}.",
        suggestion=f"Check the webhook in {dispatch.address}: its app or channel may be gone.",
        retryable=retryable,
    )
