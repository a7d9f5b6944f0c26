"""One person as the run log knows them, and how they are taken out of a text, a board and its facts. Pure.

A person is recognised by their gid and by their names as Asana and the configuration write them. First names and nicknames
in what others typed cannot be known; purging those texts is retention's work.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot, Story, Task, UserGid

ERASED = "[erased]"
"""What stands where a name or a text stood."""

LONG_GID = 10
"""A gid of so many digits is nobody's figure and is replaced wherever it stands; a shorter one only in quotes."""

SHORTEST_QUOTE = 12
"""A shorter note may stand in anybody's comment."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to look for; `stand_in` takes the place of the gid, so that counts of different people stay different."""

    gid: str
    names: frozenset[str]
    stand_in: str = ""

    def in_text(self, text: str) -> bool:
        """Whether the text names them."""
        return any(pattern.search(text) for pattern, _ in self._patterns())

    def out_of(self, text: str) -> str:
        """The text without their names and gid."""
        for pattern, instead in self._patterns():
            text = pattern.sub(lambda _found, instead=instead: instead, text)  # type: ignore[misc]
        return text

    def _patterns(self) -> Iterable[tuple[re.Pattern[str], str]]:
        written = {form for name in self.names for form in _forms(name)}
        for name in sorted(written, key=len, reverse=True):
            yield re.compile(rf"(?<!\w){re.escape(name)}(?!\w)"), ERASED
        gid = re.escape(self.gid)
        whole = rf"(?<!\d){gid}(?!\d)" if len(self.gid) >= LONG_GID else rf'(?<="){gid}(?=")|\A{gid}\Z'
        yield re.compile(whole), self.stand_in

    def names_in(self, board: Snapshot) -> frozenset[str]:
        """What the board, or another team's that was read with it, calls them."""
        known = [user for each in board.whole() for user in each.users]
        return frozenset(user.name for user in known if user.gid == self.gid and user.name)

    def comments_on(self, board: Snapshot) -> list[tuple[Task, Story]]:
        """What they wrote on the board."""
        return [
            (task, story) for each in board.whole() for task in each.tasks for story in task.stories
            if story.created_by == self.gid and story.text
        ]  # fmt: skip

    def off_board(self, board: Snapshot) -> Snapshot:
        """The board with a stand-in for them: every count of tasks, changes and comments stays."""
        return replace(
            board,
            tasks=tuple(map(self._task, board.tasks)),
            users=tuple(
                replace(user, gid=UserGid(self.stand_in), name="") if user.gid == self.gid else user
                for user in board.users
            ),
            members=tuple(map(self._gid, board.members)),
            bot=self._gid(board.bot),
            boards=tuple(
                replace(each, snapshot=self.off_board(each.snapshot)) if each.snapshot else each
                for each in board.boards
            ),
        )

    def out_of_facts(self, facts: Facts, said: Iterable[str]) -> Facts:
        """The facts without their name, and without notes taken from what they said."""
        texts = [" ".join(text.split()) for text in said]
        tasks = {
            gid: replace(
                task,
                owner=self.stand_in if task.owner == self.gid else task.owner,
                notes={key: ERASED if _quotes(note, texts) else note for key, note in task.notes.items()},
            )
            for gid, task in facts.tasks.items()
        }
        return Facts.from_json(self.out_of(replace(facts, tasks=tasks).to_json()))

    def _task(self, task: Task) -> Task:
        return replace(
            task,
            name=self.out_of(task.name),
            notes=self.out_of(task.notes),
            assignee=self._gid(task.assignee),
            created_by=self._gid(task.created_by),
            fields={field: self._value(value) for field, value in task.fields.items()},
            stories=tuple(map(self._story, task.stories)),
        )

    def _story(self, story: Story) -> Story:
        own = story.created_by == self.gid
        return replace(
            story,
            created_by=self._gid(story.created_by),
            text=ERASED if own and story.text else self.out_of(story.text),
            old=self._value(story.old),
            new=self._value(story.new),
        )

    def _gid(self, gid: Any) -> Any:
        return UserGid(self.stand_in) if gid == self.gid else gid

    def _value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self._value, value))
        return self.out_of(value) if isinstance(value, str) else value


def _forms(name: str) -> tuple[str, ...]:
    """A name as it stands in plain text, in a comment's markup, and inside JSON."""
    quoted = (json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1])
    return name, html.escape(name), *quoted


def _quotes(note: str, texts: list[str]) -> bool:
    plain = " ".join(note.rstrip("…. ").split())
    return len(plain) >= SHORTEST_QUOTE and any(plain in text for text in texts)
