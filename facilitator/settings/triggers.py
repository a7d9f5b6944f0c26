"""What a team's people may start from their board, and how they say it.

Made by `load`; read by the service that listens. Off unless the team turns it on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from facilitator.board.snapshot import UserGid

if TYPE_CHECKING:
    from facilitator.settings.shape import TriggersShape
    from facilitator.settings.team import Person


@dataclass(frozen=True, slots=True)
class Triggers:
    """Whom we listen to, and for what. Words are kept as `plain` makes them; each maps to a ceremony's name.

    `people` are the gids whose word counts. `name` is what the bot is called in a comment that does not mention it.
    `phrases` are whole comments, `sections` columns a task is moved to, `tasks` names of tasks that are added.
    """

    enabled: bool = False
    name: str = "facilitator"
    people: frozenset[UserGid] = frozenset()
    phrases: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, str] = field(default_factory=dict)


def triggers_of(shape: TriggersShape, approvers: tuple[Person, ...]) -> Triggers:
    """A team's triggers; its approvers are heard where it names nobody else."""
    people = shape.people if shape.people is not None else [each.gid for each in approvers if each.gid]
    return Triggers(
        enabled=shape.enabled,
        name=plain(shape.name),
        people=frozenset(map(UserGid, people)),
        phrases=_plainly(shape.phrases),
        sections=_plainly(shape.sections),
        tasks=_plainly(shape.tasks),
    )


def plain(text: str) -> str:
    """Words as people mean them: letter case, kinds and number of blanks, dashes and underscores do not count."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split()).strip(" .!")


def _plainly(words: Mapping[str, str]) -> dict[str, str]:
    return {plain(said): ceremony for said, ceremony in words.items()}
