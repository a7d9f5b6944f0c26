"""A chat's webhook and a mail server on this machine, each keeping what it was sent and answering as told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any


@dataclass
class SlackReceiver:
    """Takes webhook posts; `statuses` are used up answer by answer, then it is 200."""

    statuses: list[int] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        self.posts.append(json.loads(await reader.readexactly(length)))
        status = self.statuses.pop(0) if self.statuses else 200
        if status:
            writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok".encode())
        writer.close()


@dataclass
class MailServer:
    """A little SMTP: EHLO, AUTH PLAIN where offered, MAIL, RCPT, DATA. `refuse` maps a verb to the answer it gets."""

    refuse: dict[str, str] = field(default_factory=dict)
    mails: list[Message] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            verb = line.split()[0].decode().upper()
            self.verbs.append(verb)
            if verb in self.refuse:
                writer.write(f"{self.refuse[verb]}\r\n".encode())
            elif verb == "EHLO":
                writer.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif verb == "AUTH":
                writer.write(b"235 welcome\r\n")
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                await writer.drain()
                raw = await reader.readuntil(b"\r\n.\r\n")
                text = raw[:-3].replace(b"\r\n.", b"\r\n").replace(b"\r\n", b"\n")  # RFC 5321, 4.5.2
                self.mails.append(message_from_bytes(text, policy=default))
                writer.write(b"250 taken\r\n")
            else:
                writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 fine\r\n")
            await writer.drain()
        writer.close()


@asynccontextmanager
async def slack(*statuses: int) -> AsyncIterator[SlackReceiver]:
    """A receiver on a free port; status 0 drops the connection without an answer."""
    receiver = SlackReceiver(list(statuses))
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/services/T/B/secret"
    async with server:
        yield receiver


@asynccontextmanager
async def mail_server(**refuse: str) -> AsyncIterator[MailServer]:
    """A mail server on a free port."""
    mails = MailServer(refuse)
    server = await asyncio.start_server(mails.serve, "127.0.0.1", 0)
    mails.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mails
