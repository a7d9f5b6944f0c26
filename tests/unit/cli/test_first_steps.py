"""The walk through a first configuration: proposes from what Asana has, asks only what was not said, runs unattended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from facilitator.asana.project import Named, Project
from facilitator.board.snapshot import CustomField, FieldGid, ProjectGid, User, UserGid
from facilitator.cli.first_steps import Asker, Nobody, Proposal, Wishes, propose
from facilitator.errors import ConfigurationError
from facilitator.settings import first_configuration, read_settings

BOARD = Project(
    ProjectGid("12"),
    "Harbour ferry booking",
    members=(User(UserGid("1"), "Alice"), User(UserGid("2"), "Bob")),
    custom_fields=(
        CustomField(FieldGid("3"), "Priority", "enum"),
        CustomField(FieldGid("4"), "Iteration", "enum"),
        CustomField(FieldGid("5"), "Estimate (SP)", "number"),
    ),
)


@dataclass
class Asana:
    """A directory with these projects in one workspace."""

    board: Project = BOARD
    there: tuple[Named, ...] = (Named("12", "Harbour ferry booking"),)

    async def workspaces(self) -> tuple[Named, ...]:
        return (Named("9", "Ferries"),)

    async def projects(self, workspace: str) -> tuple[Named, ...]:
        assert workspace == "9"
        return self.there

    async def project(self, gid: ProjectGid) -> Project:
        return replace(self.board, gid=gid)


@dataclass
class Scripted:
    """Somebody who gives these answers, and remembers what was asked."""

    answers: list[int | list[int] | str]
    asked: list[str] = field(default_factory=list)

    def choose(self, question: str, names: Sequence[str], proposed: int) -> int:
        del names, proposed
        found = self._next(question)
        assert isinstance(found, int)
        return found

    def several(self, question: str, names: Sequence[str], proposed: Sequence[int]) -> list[int]:
        del names, proposed
        found = self._next(question)
        assert isinstance(found, list)
        return found

    def text(self, question: str, proposed: str) -> str:
        del proposed
        found = self._next(question)
        assert isinstance(found, str)
        return found

    def _next(self, question: str) -> int | list[int] | str:
        self.asked.append(question)
        return self.answers.pop(0)


def walk(wishes: Wishes, ask: Asker, asana: Asana | None = None) -> Proposal:
    return asyncio.run(propose(asana or Asana(), wishes, ask, zone="Europe/Berlin"))


def test_unattended_it_takes_what_the_board_has() -> None:
    """The only project, its likely fields, its first member: nothing is asked, and the result is a valid configuration."""
    found = walk(Wishes(), Nobody())
    assert (found.project, found.team, found.approvers) == ("12", "Harbour ferry booking", ("Alice",))
    assert (found.sprint_field, found.points_field) == ("Iteration", "Estimate (SP)")
    text = first_configuration(
        team=found.team,
        project=found.project,
        zone=found.zone,
        approvers=found.approvers,
        sprint_field=found.sprint_field,
        points_field=found.points_field,
    )
    assert read_settings(text, Path("x.toml"), {}).teams[0].board.points_field == "Estimate (SP)"


def test_what_was_said_is_not_asked() -> None:
    """Every question has its option; with all of them given nobody is asked anything."""
    said = Wishes("9", "12", "Harbour", "Europe/Oslo", ("Bob",), "iteration", "none")
    ask = Scripted([])
    found = walk(said, ask)
    assert ask.asked == []
    assert (found.team, found.zone, found.approvers, found.sprint_field) == ("Harbour", "Europe/Oslo", ("Bob",), "Iteration")  # fmt: skip


def test_on_a_terminal_it_asks_in_turn() -> None:
    """Project, team, approvers, sprint field, points field, zone; a zone that is none is asked for again."""
    two = Asana(there=(Named("11", "Other"), Named("12", "Harbour ferry booking")))
    ask = Scripted([1, "Harbour", [0, 1], 1, -1, "Berlin", "Europe/Berlin"])
    found = walk(Wishes(), ask, two)
    assert (found.project, found.team, found.approvers, found.zone) == ("12", "Harbour", ("Alice", "Bob"), "Europe/Berlin")  # fmt: skip
    assert any("estimates" in remark for remark in found.remarks)


def test_unattended_it_never_guesses_a_project() -> None:
    """With several projects it refuses, and names them with their gids."""
    two = Asana(there=(Named("11", "Other"), Named("12", "Harbour")))
    with pytest.raises(ConfigurationError) as refused:
        walk(Wishes(), Nobody(), two)
    assert "--project" in refused.value.suggestion
    assert "Other (11)" in refused.value.suggestion


def test_a_field_that_is_not_there_is_refused() -> None:
    """The refusal lists the fields there are."""
    with pytest.raises(ConfigurationError) as refused:
        walk(Wishes(sprint_field="Cycle"), Nobody())
    assert "Iteration" in refused.value.suggestion


def test_a_board_without_sprints_or_estimates_is_told_so() -> None:
    """What the documents will lack is said before the first of them."""
    found = walk(Wishes(), Nobody(), Asana(board=replace(BOARD, custom_fields=())))
    assert found.sprint_field is None
    assert len(found.remarks) == 2


def test_an_approver_from_elsewhere_is_taken_and_told_of() -> None:
    """They can approve at the command line and in the dashboard, but Asana cannot ask them."""
    found = walk(Wishes(approvers=("Mallory",)), Nobody())
    assert found.approvers == ("Mallory",)
    assert any("Mallory" in remark for remark in found.remarks)
