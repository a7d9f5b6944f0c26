"""How a single answer goes wrong: each fault kind as one short function over an exchange.

Owns the meaning of the fault kinds that harm one request and its answer. Event streams have their own room (streams.py). It
chooses nothing: which fault is due was decided by the plan.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from facilitator.sandbox.exchange import Exchange, Message
from facilitator.sandbox.faults import Fault

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


async def carry_out(fault: Fault, exchange: Exchange) -> None:
    """Answer one exchange in the way the fault says."""
    await KINDS[fault.kind](exchange, fault.parameters)


async def _status(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """Refuse before the handler saw anything."""
    status = int(wanted.get("status", 500))
    headers = {str(name): str(value) for name, value in wanted.get("headers", {}).items()}
    if wanted.get("retry_after") is not None:
        headers["Retry-After"] = str(wanted["retry_after"])
    message = str(wanted.get("message", f"Simulated failure with status {status}."))
    await exchange.answer_json(status, wanted.get("body", exchange.error_body(status, message)), headers)


async def _commit_then_status(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """Do the work, then claim that it failed."""
    await exchange.capture()
    await _status(exchange, wanted)


async def _commit_then_hang(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """Do the work and say nothing for so many seconds, or until the client gives up."""
    captured = await exchange.capture()
    if not await exchange.wait(wanted.get("seconds")):
        await exchange.forward(captured)


async def _drop(exchange: Exchange, _wanted: dict[str, Any]) -> None:
    """Close the connection before the handler saw anything."""
    await exchange.hang_up()


async def _commit_then_drop(exchange: Exchange, _wanted: dict[str, Any]) -> None:
    """Do the work, then close the connection without an answer."""
    await exchange.capture()
    await exchange.hang_up()


async def _malformed_json(exchange: Exchange, _wanted: dict[str, Any]) -> None:
    """Do the work and answer, complete as HTTP, with JSON that lacks its end."""
    captured = await exchange.capture()
    broken = captured.body[:-1].rstrip() or b"{"
    await exchange.answer(captured.status, broken, "application/json; charset=UTF-8")


async def _html_error(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """Answer with a proxy's error page before the handler saw anything."""
    await exchange.answer(int(wanted.get("status", 502)), HTML, "text/html")


async def _truncated_body(exchange: Exchange, _wanted: dict[str, Any]) -> None:
    """Do the work, promise the whole answer, send half of it and close the connection."""
    captured = await exchange.capture()
    length = str(len(captured.body)).encode()
    headers = [pair for pair in captured.headers if pair[0].lower() != b"content-length"]
    await exchange.send(
        {
            "type": "http.response.start",
            "status": captured.status,
            "headers": [*headers, (b"content-length", length)],
        }
    )
    half = captured.body[: len(captured.body) // 2]
    await exchange.send({"type": "http.response.body", "body": half, "more_body": True})
    await exchange.hang_up()


async def _reset(exchange: Exchange, _wanted: dict[str, Any]) -> None:
    """Reset the connection (RST) before the handler saw anything."""
    await exchange.hang_up(reset=True)


async def _commit_then_reset(exchange: Exchange, _wanted: dict[str, Any]) -> None:
    """Do the work, then reset the connection without an answer."""
    await exchange.capture()
    await exchange.hang_up(reset=True)


async def _slow(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """Answer rightly, but late by so many real seconds."""
    await asyncio.sleep(float(wanted.get("seconds", 1.0)))
    await exchange.serve()


async def _trickle(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """Answer rightly in so many pieces, spread over so many real seconds, or until the client gives up."""
    captured = await exchange.capture()
    pieces = max(1, int(wanted.get("pieces", 20)))
    size = max(1, -(-len(captured.body) // pieces))
    await exchange.send(
        {"type": "http.response.start", "status": captured.status, "headers": captured.headers}
    )
    for start in range(0, len(captured.body), size):
        piece = captured.body[start : start + size]
        await exchange.send({"type": "http.response.body", "body": piece, "more_body": True})
        if await exchange.wait(float(wanted.get("seconds", 1.0)) / pieces):
            return
    await exchange.send({"type": "http.response.body", "body": b"", "more_body": False})


async def _header(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """Answer rightly, with headers added (a deprecation notice, say)."""
    extra = [(str(n).lower().encode(), str(v).encode()) for n, v in wanted.get("headers", {}).items()]

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *extra]
        await exchange.send(message)

    await exchange.serve(send)


async def _late_list(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """List without whatever was made less than so many real seconds ago."""
    lag = float(wanted.get("seconds", 60.0))

    def is_listed(item: Any) -> bool:
        age = exchange.age(str(item.get("gid") or item.get("id"))) if isinstance(item, dict) else None
        return age is None or age >= lag

    await _edited(exchange, lambda answer: _with_items(answer, lambda items: list(filter(is_listed, items))))


async def _repeated_items(exchange: Exchange, _wanted: dict[str, Any]) -> None:
    """List everything twice, as happens to things that move between two pages."""
    await _edited(exchange, lambda answer: _with_items(answer, lambda items: items * 2))


async def _stale_status(exchange: Exchange, wanted: dict[str, Any]) -> None:
    """Show a thing with the status it had a moment ago; what has no status is shown as it is."""
    stale = {"status": str(wanted.get("says", "running"))}
    await _edited(exchange, lambda answer: {**answer, **stale} if "status" in answer else answer)


def _with_items(answer: dict[str, Any], edit: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    items = answer.get("data")
    return {**answer, "data": edit(items)} if isinstance(items, list) else answer


async def _edited(exchange: Exchange, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Let the application answer, and change its JSON object on the way; anything else passes as it is."""
    held: list[Message] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            held.append(message)
        elif not held:
            await exchange.send(message)
        else:
            held.append(message)
            if not message.get("more_body"):
                await _send_edited(exchange, held, edit)

    await exchange.serve(send)


async def _send_edited(
    exchange: Exchange, held: list[Message], edit: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    start, *parts = held
    answer = json.loads(b"".join(part.get("body", b"") for part in parts))
    body = json.dumps(edit(answer) if isinstance(answer, dict) else answer).encode()
    headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
    start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
    await exchange.send(start)
    await exchange.send({"type": "http.response.body", "body": body, "more_body": False})


def _is_json(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and b"json" in value for name, value in start.get("headers", [])
    )


KINDS: dict[str, Callable[[Exchange, dict[str, Any]], Awaitable[None]]] = {
    "status": _status,
    "commit_then_status": _commit_then_status,
    "commit_then_hang": _commit_then_hang,
    "drop": _drop,
    "commit_then_drop": _commit_then_drop,
    "malformed_json": _malformed_json,
    "html_error": _html_error,
    "truncated_body": _truncated_body,
    "reset": _reset,
    "commit_then_reset": _commit_then_reset,
    "slow": _slow,
    "trickle": _trickle,
    "header": _header,
    "late_list": _late_list,
    "repeated_items": _repeated_items,
    "stale_status": _stale_status,
}
