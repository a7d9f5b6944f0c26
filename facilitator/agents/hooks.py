"""Webhooks of Managed Agents, verified by the SDK: which session has news, and nothing more.

Needs the extra `webhooks`. A delivery is a hint, never the record (managed-agents.md, section 13): whoever gets one asks for
the session itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from facilitator.errors import AgentsError, ConfigurationError

if TYPE_CHECKING:
    from anthropic import Anthropic


class Forged(AgentsError):  # noqa: N818 - said of the delivery
    """A delivery was not signed with our key, was changed on its way, or is older than five minutes."""

    code = "forged"


@dataclass(frozen=True, slots=True)
class SessionHint:
    """What a delivery says: its own id, the kind of news, and the object it is about."""

    id: str
    kind: str
    about: str


def verified(body: bytes, headers: Mapping[str, str], key: str) -> SessionHint:
    """The hint in a delivery. Raises `Forged`, or `ConfigurationError` where the extra is not installed."""
    try:
        from standardwebhooks import WebhookVerificationError
    except ImportError:
        raise ConfigurationError(
            "webhooks of Managed Agents need the extra `webhooks`.",
            suggestion="pip install 'facilitator[webhooks]'",
        ) from None
    try:
        event = _verifier().beta.webhooks.unwrap(body.decode(), headers=headers, key=key)
    except (WebhookVerificationError, ValueError) as error:
        raise Forged(f"a webhook was not ours: {type(error).__name__}.") from None
    # The SDK builds what it is given, also where a part is missing.
    data = getattr(event, "data", None)
    return SessionHint(
        str(getattr(event, "id", "")), str(getattr(data, "type", "")), str(getattr(data, "id", ""))
    )


@cache
def _verifier() -> Anthropic:
    """A client that never calls anyone: verifying is a method of it."""
    from anthropic import Anthropic

    return Anthropic(api_key="unused")
