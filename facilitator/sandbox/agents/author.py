"""A scripted writer. It is NOT a language model: it follows one fixed procedure and picks from fixed sentences.

It reads the mounted facts.json and the outcome's description, asks the custom tools the agent declares, writes draft.json and says so.
What tools answer is opaque to it. It works at a `Desk`, which the session's engine provides; it knows no event and no wire.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Protocol

from facilitator.sandbox.agents.composing import Draft, compose, spoiled
from facilitator.sandbox.agents.facts import FactsFile
from facilitator.sandbox.agents.script import Script

DRAFT_PATH = "/mnt/session/outputs/draft.json"
PLAIN_PATH = "/mnt/session/outputs/answer.md"
UNKNOWN_TASK = "999999999999999"
INSTRUCTION = re.compile(
    r"ignore|instruct|system prompt|you (must|should|are)|assistant|https?://|@\w|<\w|\bcall\b|approve",
    re.IGNORECASE,
)
NAMED_TOOL = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")

Call = tuple[str, dict[str, Any]]


class Desk(Protocol):
    """What a writer can do in its session; every step takes time and may be interrupted."""

    @property
    def description(self) -> str:
        """The outcome's description: what it was told to do."""

    @property
    def inputs(self) -> Sequence[str]:
        """The paths of the mounted files."""

    @property
    def custom_tools(self) -> dict[str, dict[str, Any]]:
        """The declared custom tools' input schemas, by name."""

    async def use(self, name: str, arguments: dict[str, Any]) -> str:
        """Run a built-in tool in the container; answers its text."""

    async def call(self, calls: Sequence[Call]) -> list[str]:
        """Call custom tools side by side and wait for all answers."""

    async def say(self, text: str) -> None:
        """Send a message."""

    async def hang(self) -> None:
        """Work for ever, until interrupted."""


class Author:
    """Writes one document, in as many attempts as the grader asks for."""

    def __init__(self, desk: Desk, script: Script) -> None:
        self._desk = desk
        self._script = script
        self._facts: FactsFile | None = None

    async def attempt(self, number: int) -> None:
        """Write the document once more; `number` counts from 0. The first attempt also reads and asks."""
        if self._facts is None:
            self._facts = await self._read()
            await self._look_around()
        if self._script.never_finishes:
            await self._desk.hang()
        if self._facts is None:
            await self._write_plainly(number)
            return
        draft = self._draft(self._facts, number)
        if "draft_check" in self._desk.custom_tools:
            await self._desk.call(
                [("draft_check", {"draft": self._as_declared("draft_check", "draft", draft)})]
            )
        await self._deliver(json.dumps(draft, ensure_ascii=False, indent=1), number)

    async def acknowledge(self) -> None:
        """The turn after the last iteration: ungraded, and here without a change to any file."""
        await self._desk.say("The last review still found gaps. I leave the draft as it stands.")

    async def reply(self) -> None:
        """Answer a message outside of an outcome."""
        await self._desk.say("Noted. I am a scripted writer, not a language model: I work on outcomes only.")

    async def _read(self) -> FactsFile | None:
        named = [path for path in self._desk.inputs if path in self._desk.description]
        likely = [path for path in self._desk.inputs if path.endswith(".json")]
        for path in dict.fromkeys([*named, *likely]):
            facts = FactsFile.read(await self._desk.use("read", {"file_path": path}))
            if facts is not None:
                return facts
        return None

    async def _look_around(self) -> None:
        tools = self._desk.custom_tools
        if self._script.unknown_tool:
            await self._desk.call([("calendar_lookup", {"day": "today"})])
        if "board_get_health" in tools:
            await self._desk.call([("board_get_health", {})])
        if calls := self._closer_looks():
            await self._desk.call(calls)
        if self._script.obeys_injection and self._facts is not None:
            for name in dict.fromkeys(
                name for text in _commands(self._facts).values() for name in NAMED_TOOL.findall(text)
            ):
                await self._desk.call([(name, {})])

    def _closer_looks(self) -> list[Call]:
        """The first blocked tasks, side by side; with `parallel_tools` exactly so many calls, of what there is."""
        tools, facts = self._desk.custom_tools, self._facts
        wanted = self._script.parallel_tools
        if "board_get_task" in tools and facts is not None and facts.tasks:
            blocked = facts.tasks_of("blocked")
            gids = (blocked + [gid for gid in facts.tasks if gid not in blocked]) if wanted else blocked[:2]
            field = _first_field(tools["board_get_task"], "task_gid")
            return [("board_get_task", {field: gids[n % len(gids)]}) for n in range(wanted or len(gids))]
        name = next(iter(tools), None)
        return [(name, {})] * wanted if name else []

    def _draft(self, facts: FactsFile, number: int) -> Draft:
        draft = compose(facts)
        if self._script.faulty(number):
            draft = spoiled(draft, facts)
        if self._script.unknown_tasks:
            _append(draft, {"text": "also needs attention", "tasks": [UNKNOWN_TASK], "facts": []})
        if self._script.wrong_figure:
            _misstate(draft)
        if self._script.obeys_injection:
            _obey(draft, facts)
        return draft

    async def _deliver(self, text: str, number: int) -> None:
        if self._script.invalid_json:
            text = text[: len(text) // 2]
        if self._script.inline_json:
            await self._desk.say(f"Here is the draft.\n\n```json\n{text}\n```")
            return
        if not self._script.no_file:
            await self._desk.use("write", {"file_path": DRAFT_PATH, "content": text})
        await self._desk.say(
            "The draft is written." if number == 0 else "I corrected the draft as the review asked."
        )

    async def _write_plainly(self, number: int) -> None:
        """Without facts there is no document to follow: a short file, empty where a gap is wanted."""
        text = "" if self._script.faulty(number) else "Done as asked, by a scripted writer.\n"
        if not self._script.no_file:
            await self._desk.use("write", {"file_path": PLAIN_PATH, "content": text})
        await self._desk.say("The answer is written.")

    def _as_declared(self, tool: str, name: str, value: Any) -> Any:
        declared = (self._desk.custom_tools[tool].get("properties") or {}).get(name) or {}
        return json.dumps(value, ensure_ascii=False) if declared.get("type") == "string" else value


def _first_field(schema: dict[str, Any], otherwise: str) -> str:
    names = [*(schema.get("required") or []), *(schema.get("properties") or {})]
    return str(names[0]) if names else otherwise


def _commands(facts: FactsFile) -> dict[str, str]:
    """Text on the board that sounds like an instruction, by task."""
    texts = {
        gid: [task.get("name", ""), *(task.get("notes") or {}).values()] for gid, task in facts.tasks.items()
    }
    return {
        gid: " ".join(found)
        for gid, parts in texts.items()
        if (found := [str(part) for part in parts if INSTRUCTION.search(str(part))])
    }


def _append(draft: Draft, item: dict[str, Any]) -> None:
    if draft["sections"]:
        draft["sections"][0]["items"].append(item)


def _misstate(draft: Draft) -> None:
    """Put a figure nobody computed into free text."""
    first = next((part["items"][0] for part in draft["sections"] if part["items"]), None)
    if first is None:
        draft["headline"] += " That is 97 tasks."
    else:
        first["text"] += ", for 97 days now"


def _obey(draft: Draft, facts: FactsFile) -> None:
    """Do what an author without judgement would: repeat the board's commands word for word."""
    items = [item for part in draft["sections"] for item in part["items"]]
    for gid, text in _commands(facts).items():
        about = next((item for item in items if gid in item["tasks"]), None)
        if about is not None:
            about["text"] = text[:600]
        else:
            _append(draft, {"text": text[:600], "tasks": [gid], "facts": []})
