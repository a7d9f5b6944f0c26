"""What the environment says: where the secrets are, and which services to talk to.

Read once, from the mapping it is given. It reveals no secret: `Secret.reveal` does, where one is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from facilitator.settings.faults import ConfigFault, Refused
from facilitator.settings.readers import read_url
from facilitator.settings.secret import Secret


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables of ours; an empty one counts as not set."""

    token: Secret
    key: Secret
    asana_url: str
    anthropic_url: str


def environment_faults(environ: Mapping[str, str], secrets: Iterable[str] = ()) -> Iterator[ConfigFault]:
    """Everything wrong with the variables, without looking into any secret; `secrets` names more of those."""
    for name in dict.fromkeys(
        ("ASANA_ACCESS_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_WEBHOOK_SIGNING_KEY", *secrets)
    ):
        try:
            Secret.named(name, environ)
        except Refused as refused:
            yield ConfigFault(None, name, refused.message, refused.suggestion)
    for name in ("ASANA_BASE_URL", "ANTHROPIC_BASE_URL"):
        try:
            _url(name, environ)
        except Refused as refused:
            yield ConfigFault(None, name, refused.message, refused.suggestion)


def read_environment(environ: Mapping[str, str]) -> Environment:
    """The variables, once `environment_faults` has found nothing; `Refused` otherwise."""
    return Environment(
        token=Secret.named("ASANA_ACCESS_TOKEN", environ),
        key=Secret.named("ANTHROPIC_API_KEY", environ),
        asana_url=_url("ASANA_BASE_URL", environ),
        anthropic_url=_url("ANTHROPIC_BASE_URL", environ),
    )


def _url(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "").strip()
    return read_url(value) if value else ""
