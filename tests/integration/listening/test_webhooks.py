"""Pushed instead of polled: from a comment to a run in one delivery, and never from a delivery that is not Asana's."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from facilitator.board.snapshot import ProjectGid
from facilitator.cli.triggers import _register, _remove
from facilitator.errors import TrackerError
from facilitator.runs.hooks import Hook
from facilitator.web.app import build_web
from facilitator.web.server import served
from tests.integration.listening.conftest import Board
from tests.unit.sandbox_asana.worlds import FIRST, TEAM

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def serving(board: Board) -> AsyncIterator[str]:
    """The program's web port, and its listener answering the bell; gives the address."""
    web = replace(board.app.settings.web, port=0)

    @asynccontextmanager
    async def reading(_app: object) -> AsyncIterator[Any]:
        yield board.tracker

    board.app.reading = reading
    async with served(build_web(board.app), web) as address:
        assert address is not None
        board.app.settings = replace(board.app.settings, web=replace(web, base_url=address.replace(":0", "")))
        answering = asyncio.ensure_future(board.app.board_bell.answer(board.listener.turn))
        try:
            yield address
        finally:
            answering.cancel()


async def hooked(board: Board) -> Hook:
    """A webhook of ours, its handshake done."""
    await _register(board.app, board.app.settings.teams[0])
    (hook,) = board.app.hooks.of(ProjectGid(TEAM))
    assert hook.secret
    return hook


async def until(happened: Any) -> None:
    """Wait a little for what another thread does."""
    for _ in range(300):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def push(address: str, hook: Hook, body: bytes, secret: str) -> int:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"{address}/hooks/asana/{hook.path}", content=body, headers={"X-Hook-Signature": signature}
        )
    return answer.status_code


async def test_a_comment_is_heard_by_its_webhook_at_once_and_forgeries_are_not(board: Board) -> None:
    """One run without any polling; forged and replayed deliveries get a 401 and change nothing."""
    async with serving(board) as address:
        hook = await hooked(board)
        await board.says("@facilitator standup")
        await until(lambda: board.started)
        body = b'{"events":[{"action":"added","resource":{"resource_type":"story","gid":"1"}}]}'
        rings = board.app.board_bell.rings
        assert await push(address, hook, body, "guessed") == 401
        assert board.app.board_bell.rings == rings
        sent = [await push(address, hook, body, hook.secret or "") for _ in range(3)]
        assert sent == [200, 401, 401]
        await _remove(board.app, [hook])
        assert await push(address, hook, b'{"events":[{"n":2}]}', hook.secret or "") == 401
    assert len(board.app.store.recent()) == len(board.started) == 1
    assert board.app.hooks.of(ProjectGid(TEAM)) == []


async def test_a_target_that_does_not_shake_hands_gets_no_webhook(board: Board) -> None:
    """Nobody listens there: Asana refuses, and nothing is left behind."""
    board.app.settings = replace(
        board.app.settings, web=replace(board.app.settings.web, base_url="http://127.0.0.1:9")
    )

    @asynccontextmanager
    async def reading(_app: object) -> AsyncIterator[Any]:
        yield board.tracker

    board.app.reading = reading
    with pytest.raises(TrackerError, match="handshake"):
        await _register(board.app, board.app.settings.teams[0])
    assert board.app.hooks.of(ProjectGid(TEAM)) == []


async def test_only_what_passes_the_filters_is_pushed(board: Board) -> None:
    """A changed task is not: we asked for what is added."""
    async with serving(board):
        hook = await hooked(board)
        rings = board.app.board_bell.rings
        await board.do("PUT", f"/tasks/{FIRST}", liked=True)
        await board.says("hello")
        await until(lambda: board.app.board_bell.rings > rings)
        await _remove(board.app, [hook])
