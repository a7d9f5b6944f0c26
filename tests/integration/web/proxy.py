"""A little reverse proxy that signs people in, as one with OpenID Connect would: it knows who holds which token, names them in a
header of its own to the dashboard behind it, and lets nobody else set that header. It calls from an address of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

ADDRESS = "127.0.0.2"
"""Loopback too, but not the address that everybody else on this machine calls from."""

LOGIN, NAMES = "x-login", "x-forwarded-user"


@asynccontextmanager
async def proxying(upstream: int, people: Mapping[str, str]) -> AsyncIterator[str]:
    """Proxy to that port; `people` are logins by token. Gives the proxy's own address."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            headers.pop(NAMES, None)
            if (login := people.get(headers.pop(LOGIN, ""))) is not None:
                headers[NAMES] = login
            headers["connection"] = "close"
            behind, to_behind = await asyncio.open_connection("127.0.0.1", upstream, local_addr=(ADDRESS, 0))
            head = "\r\n".join([request, *(f"{name}: {value}" for name, value in headers.items())])
            to_behind.write(f"{head}\r\n\r\n".encode() + body)
            writer.write(await behind.read())
            await writer.drain()
            to_behind.close()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
