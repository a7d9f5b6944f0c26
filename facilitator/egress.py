"""Where our bytes may go: a client of one service talks to that service's origin and to nothing else.

Handed as a request hook to every HTTP client we make, so that a call to another host, a redirect's or a forged address's, is
refused before it leaves, with its token. It knows no service and no client library.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from facilitator.errors import FacilitatorError

DEFAULT_PORTS = {"https": 443, "http": 80}

Origin = tuple[str, str, int | None]
Hook = Callable[[Any], Awaitable[None]]
"""What httpx and its relatives call with each request just before it is sent."""


class ForeignHost(FacilitatorError):  # noqa: N818 - it names what was refused
    """A request was about to leave for a host that the configuration does not name; it was not sent."""

    code = "foreign_host"


def origin(url: str) -> Origin:
    """Scheme, host and port of an address, as browsers compare them; ValueError for one that cannot be read."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or DEFAULT_PORTS.get(parts.scheme)


def only_to(base_url: str) -> Hook:
    """A hook that lets requests to this address's origin pass and raises `ForeignHost` for every other."""
    allowed = origin(base_url)
    parts = urlsplit(base_url)
    plainly = f"{parts.scheme}://{parts.netloc}/"

    async def check(request: Any) -> None:
        url = str(request.url)
        if url.startswith(plainly):
            return
        wanted = origin(url)
        if wanted != allowed:
            raise ForeignHost(
                f"a request to {wanted[0]}://{wanted[1]} was refused: this client talks to {allowed[1]} only.",
                suggestion="Check the base URL in the configuration; an answer of the service may have been forged.",
            )

    return check
