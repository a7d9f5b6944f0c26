"""The file `init` writes can be used as it is."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from facilitator.board.rules import FieldSprints, NoSprints
from facilitator.settings import Settings, Team, first_configuration, read_settings
from facilitator.settings.readers import slug_of

ANY_NAME = st.text(min_size=1).filter(
    lambda text: any(char.isprintable() and not char.isspace() for char in text)
)


def written(**wishes: object) -> Settings:
    """The settings of a first configuration."""
    usual: dict[str, object] = {
        "team": "Payments",
        "project": "1200",
        "zone": "Europe/Berlin",
        "approvers": ["Alice"],
    }
    text = first_configuration(**{**usual, **wishes})  # type: ignore[arg-type]
    return read_settings(text, Path("facilitator.toml"), {}, ceremonies=["standup", "weekly_status", "retro"])


def only_team(**wishes: object) -> Team:
    """The one team in it."""
    (team,) = written(**wishes).teams
    return team


def test_the_first_configuration_has_no_fault() -> None:
    """What was asked is in it, a person approves, and nothing else is switched on."""
    team = only_team()

    assert (team.slug, team.name, team.project, team.zone.key) == (
        "payments",
        "Payments",
        "1200",
        "Europe/Berlin",
    )
    assert [person.name for person in team.approvers] == ["Alice"]
    assert [(wish.name, wish.mode, wish.task) for wish in team.ceremonies.values()] == [
        ("standup", "approve", None)
    ]


def test_every_wish_is_written() -> None:
    """Ceremonies with their tasks, the field of the sprints, points and holidays."""
    team = only_team(
        ceremonies=["standup", "retro"],
        tasks={"retro": "77"},
        slug="pay",
        holidays="DE-BE",
        sprint_field="Iteration",
        points_field="SP",
        mode="shadow",
    )

    assert [(wish.name, wish.mode, wish.task) for wish in team.ceremonies.values()] == [
        ("standup", "shadow", None),
        ("retro", "shadow", "77"),
    ]
    assert (team.slug, team.board.sprint, team.board.points_field) == ("pay", FieldSprints("Iteration"), "SP")
    assert (team.working.country, team.working.subdivision) == ("DE", "BE")


def test_a_board_without_sprints_says_so() -> None:
    """And the comment beside it tells how to count them by dates."""
    assert only_team(sprint_field=None).board.sprint == NoSprints()


def test_the_commented_lines_are_valid_too() -> None:
    """Whoever removes a `# ` before a key gets a configuration that loads."""
    text = first_configuration(team="Payments", project="1200", zone="Europe/Berlin", approvers=["Alice"])
    opened = "\n".join(
        line[2:] if line.startswith("# ") and "=" in line else line for line in text.splitlines()
    )
    opened = opened.replace('"Ready for QA" =', 'states."Ready for QA" =').replace("states.", "# states.")

    environ = {"FACILITATOR_DATABASE_URL": "postgresql://runner@db/facilitator"}
    team = read_settings(opened, Path("x.toml"), environ, ceremonies=["standup"]).teams[0]

    assert opened.count("\n# ") < text.count("\n# ")
    assert (team.board.wip_limit, team.working.country) == (6, "DE")


@settings(max_examples=40, deadline=None)
@given(team=ANY_NAME, person=ANY_NAME, field=ANY_NAME)
@example(team="0", person="0\x1b", field="0")
def test_any_name_can_be_written(team: str, person: str, field: str) -> None:
    """Quotes, brackets, line breaks and control characters stay one line of text, and never another key."""
    (found,) = written(team=team, approvers=[person], sprint_field=field).teams

    assert found.name
    assert len(found.approvers) == 1
    assert isinstance(found.board.sprint, FieldSprints)


@pytest.mark.parametrize(("name", "slug"), [("Payments & Co", "payments-co"), ("\u652f\u4ed8", "")])
def test_short_names_come_from_the_name(name: str, slug: str) -> None:
    """Where no plain letter is in it, the team is called `team`."""
    assert slug_of(name) == slug
    assert only_team(team=name).slug == (slug or "team")


def test_a_ceremony_of_any_file_name_can_be_named() -> None:
    """A name that TOML would not take bare is quoted."""
    text = first_configuration(
        team="A", project="1", zone="UTC", approvers=["B"], ceremonies=["demo.day", "sprint-plan"]
    )

    (team,) = read_settings(text, Path("x.toml"), {}).teams

    assert list(team.ceremonies) == ["demo.day", "sprint-plan"]
