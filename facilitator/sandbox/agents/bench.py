"""The workbench a session's author sits at: model requests, tools, waits, and what may befall them.

Implements `author.Desk` over the session's event log. Every step takes time, is held against the budget and can be interrupted.
It knows no outcome and no turn: those are the engine's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from facilitator.sandbox.agents.author import Call
from facilitator.sandbox.agents.bodies import text_of
from facilitator.sandbox.agents.files import UPLOADS
from facilitator.sandbox.agents.moves import place_error, place_idle, place_rescheduled, place_running
from facilitator.sandbox.agents.state import Pending, SandboxState, Session
from facilitator.sandbox.agents.wire import Json

Placed = TypeVar("Placed")
REFUSAL: Json = {"type": "refusal", "category": None, "explanation": "The request was declined."}


class Interrupted(Exception):  # noqa: N818 - a turn of events, not an error
    """A `user.interrupt` ended the turn."""


class Stopped(Exception):  # noqa: N818 - a turn of events, not an error
    """The turn ends early with this stop reason; the outcome stays unfinished."""

    def __init__(self, reason: str, details: Json | None = None) -> None:
        super().__init__(reason)
        self.reason: Json = {"type": reason}
        self.details = details


class Terminated(Exception):  # noqa: N818 - a turn of events, not an error
    """The session is beyond repair."""


def enabled_policy(tools: Sequence[Json], name: str) -> str | None:
    """The permission policy of a built-in tool on this agent; None where the tool is not enabled."""
    for toolset in tools:
        if toolset["type"] == "agent_toolset_20260401":
            own: Json = next(
                (item for item in toolset["configs"] if item["name"] == name), toolset["default_config"]
            )
            return str(own["permission_policy"]["type"]) if own["enabled"] else None
    return None


class Bench:
    """One session's workbench."""

    def __init__(self, state: SandboxState, session: Session) -> None:
        self._state = state
        self._session = session
        self._log = session.log
        self._steps = 0
        self._tempo = state.tempo(session.id)

    @property
    def description(self) -> str:
        """What the writer was told to do."""
        return str(self._session.definition["description"])

    @property
    def inputs(self) -> list[str]:
        """The mounted files' paths."""
        return list(self._session.container.under(UPLOADS))

    @property
    def custom_tools(self) -> dict[str, dict[str, Any]]:
        """The custom tools of the session's agent, by name."""
        tools = self._session.agent["tools"]
        return {tool["name"]: tool["input_schema"] for tool in tools if tool["type"] == "custom"}

    async def use(self, name: str, arguments: Json) -> str:
        """Run a built-in tool under its permission policy; answers the result's text, also of a refusal."""
        policy = enabled_policy(self._session.agent["tools"], name)
        permission = {"always_allow": "allow", "auto": "allow", "always_ask": "ask"}.get(policy or "", "deny")
        body: Json = {"name": name, "input": arguments, "evaluated_permission": permission}
        if policy in {"always_allow", "always_ask"}:
            body["evaluation"] = {"type": policy}
        event = await self._step(json.dumps(arguments), lambda: self._log.add("agent.tool_use", body=body))
        fault = "" if permission != "deny" else f"Tool {name} is not enabled in this session."
        if permission == "ask":
            fault = await self._confirmed(event["id"], name)
        text, is_error = (fault, True) if fault else self._run_built_in(name, arguments)
        content = [{"type": "text", "text": text}]
        result = {"tool_use_id": event["id"], "content": content, "is_error": is_error}
        self._log.add("agent.tool_result", body=result)
        return text

    async def _confirmed(self, event_id: str, name: str) -> str:
        (answer,) = await self._answers([event_id])
        if answer["result"] == "allow":
            return ""
        return (
            f"Permission to use {name} has been rejected. Rejection message: {answer['deny_message'] or ''}"
        )

    def _run_built_in(self, name: str, arguments: Json) -> tuple[str, bool]:
        path = str(arguments.get("file_path", ""))
        if name == "read":
            text = self._session.container.read(path)
            return (
                (text or "(empty file)", False)
                if text is not None
                else (f"File does not exist: {path}", True)
            )
        if name == "write":
            fault = self._session.container.write(path, str(arguments.get("content", "")))
            return (fault, True) if fault else (f"File written: {path}", False)
        return f"The local sandbox does not simulate {name}.", True

    async def call(self, calls: Sequence[Call], thread: str | None = None) -> list[str]:
        """Call custom tools side by side and wait for every answer; an error's text is an answer too.

        `thread` marks calls made on another thread than the primary one, as a grader's would be.
        """
        whose = {} if thread is None else {"session_thread_id": thread}
        bodies = [{"name": name, "input": given, **whose} for name, given in calls]
        uses = await self._step(
            json.dumps(bodies), lambda: [self._log.add("agent.custom_tool_use", body=body) for body in bodies]
        )
        answers = await self._answers([use["id"] for use in uses])
        return [text_of(answer.get("content")) for answer in answers]

    async def say(self, text: str) -> None:
        """Place an agent message."""
        body = {"content": [{"type": "text", "text": text}]}
        await self._step(text, lambda: self._log.add("agent.message", body=body))

    async def hang(self) -> None:
        """Work until interrupted, without a further event."""
        self._log.add("span.model_request_start")
        await self._session.interrupting.wait()
        raise Interrupted

    async def pace(self, seconds: float) -> None:
        """Let time pass, at the sandbox's speed; an interrupt ends the wait and the turn."""
        interrupting = self._session.interrupting
        delay = self._state.scaled(seconds) * self._tempo
        if delay < 0.001:
            await asyncio.sleep(0)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(interrupting.wait(), delay)
        if interrupting.is_set():
            raise Interrupted

    async def _step(self, wrote: str, place: Callable[[], Placed]) -> Placed:
        """One model request. What it produced and its end are placed together, as the service stamps a step [H].

        Messages that came in meanwhile join the run here, so two messages may share one idle [H].
        """
        self._steps += 1
        await self._within_budget()
        if self._steps == 2:
            await self._mishap()
        for event in self._session.queued:
            self._log.settle(event)
        self._session.queued.clear()
        start = self._log.add("span.model_request_start")
        try:
            await self.pace(self._state.settings.step_s / 2)
            self._log.add("agent.thinking")
            await self.pace(self._state.settings.step_s / 2)
        except Interrupted:
            self._close_request(start, "", is_error=True)
            raise
        placed = place()
        self._close_request(start, wrote, is_error=False)
        return placed

    def _close_request(self, start: Json, wrote: str, *, is_error: bool) -> None:
        usage = self._session.meter.request("", wrote)
        body = {"model_request_start_id": start["id"], "is_error": is_error, "model_usage": usage}
        self._log.add("span.model_request_end", body=body)

    async def _within_budget(self) -> None:
        """Hold before the request while the cap is reached; a raised or removed budget lets the same turn go on."""
        session = self._session
        scripted = session.script.budget_reached and self._steps == 2
        if scripted and session.budget is not None:
            session.meter.forced_cents += int(session.budget["max_list_cost"]["amount"])
        while session.meter.exhausted(session.budget) or (scripted and session.budget is None):
            scripted = False
            session.paused = asyncio.Event()
            place_idle(self._state, session, {"type": "budget_reached"})
            await session.paused.wait()
            session.paused = None
            place_running(self._state, session)

    async def _mishap(self) -> None:
        """What the script lets go wrong in mid-turn, before the second model request."""
        script, session = self._session.script, self._session
        if script.session_error_retrying:
            place_rescheduled(session)
            await self.pace(self._state.settings.step_s)
            place_running(self._state, session)
        if script.refusal:
            raise Stopped("refusal", REFUSAL)
        if script.retries_exhausted:
            place_error(session, "retrying")
            place_error(session, "exhausted")
            raise Stopped("retries_exhausted")
        if script.terminated:
            place_error(session, "terminal")
            raise Terminated

    async def _answers(self, event_ids: list[str]) -> list[Json]:
        """Idle until every one of these tool uses is answered; nobody times a silent client out."""
        session = self._session
        session.pending = pending = Pending(event_ids)
        place_idle(self._state, session, {"type": "requires_action", "event_ids": list(event_ids)})
        waits = [
            asyncio.ensure_future(pending.done.wait()),
            asyncio.ensure_future(session.interrupting.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            session.pending = None
        if session.interrupting.is_set():
            raise Interrupted
        place_running(self._state, session)
        return [pending.answers[event_id] for event_id in event_ids]
