"""A team of teams in facilitator.toml: what it may name, and every fault with its line."""

from pathlib import Path

import pytest

from facilitator.settings import ConfigFault, ConfigurationFaults, read_settings

KNOWN = ("standup", "programme_report")
TEAMS = """\
[[teams]]
slug = "checkout"
project = "1200000000000001"
zone = "Europe/Berlin"
approvers = ["Alice"]
[teams.ceremonies.standup]

[[teams]]
slug = "platform"
project = "1200000000000002"
zone = "Europe/Berlin"
"""
PROGRAMME = """
[[teams]]
slug = "programme"
project = "1200000000000003"
zone = "Europe/Berlin"
approvers = ["Alice"]
rollup = ["checkout", "platform"]
[teams.ceremonies.programme_report]
"""


def faults(text: str) -> tuple[ConfigFault, ...]:
    """The faults of a text, none where it can be used."""
    try:
        read_settings(text, Path("facilitator.toml"), {}, ceremonies=KNOWN, over_teams=["programme_report"])
    except ConfigurationFaults as error:
        return error.faults
    return ()


def test_a_team_of_teams_names_others() -> None:
    """Members need no ceremony of their own."""
    text = TEAMS + PROGRAMME
    assert faults(text) == ()
    settings = read_settings(text, Path("facilitator.toml"), {})
    assert settings.team("programme").rollup == ("checkout", "platform")
    assert settings.team("checkout").rollup == ()


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ('["checkout", "platfrom"]', 'unknown team "platfrom". Did you mean "platform"?'),
        ('["checkout", "programme"]', '"programme" is this team itself.'),
        ('["checkout", "checkout"]', '"checkout" is named twice.'),
        ("[]", "names no team."),
        (str([f"t{n}" for n in range(26)]), "names 26 teams; at most 25 fit"),
        ("[7]", "must be text in quotes."),
    ],
)
def test_what_a_rollup_names_is_told_with_its_line(named: str, said: str) -> None:
    """At the entry that is wrong, whatever else is."""
    text = (TEAMS + PROGRAMME).replace('["checkout", "platform"]', named)
    line = 1 + text[: text.index("rollup =")].count("\n")
    told = [str(fault) for fault in faults(text)]
    assert any(one.startswith(f"line {line},") and said in one for one in told), told


def test_a_rollup_of_rollups_is_refused() -> None:
    """Its members' figures would count twice."""
    board = 'slug = "board"\nproject = "1200000000000004"\nzone = "Europe/Berlin"\napprovers = ["Alice"]'
    above = f'\n[[teams]]\n{board}\nrollup = ["programme"]\n[teams.ceremonies.programme_report]\n'
    [fault] = faults(TEAMS + PROGRAMME + above)
    assert fault.key == "teams[board].rollup[1]"
    assert '"programme" is a roll-up itself' in fault.message


def test_a_document_over_teams_needs_teams() -> None:
    """And teams that are named need a document that tells of them."""
    alone = PROGRAMME.replace('rollup = ["checkout", "platform"]\n', "")
    [fault] = faults(TEAMS + alone)
    assert "this team names none" in fault.message
    idle = PROGRAMME.replace("programme_report", "standup")
    [fault] = faults(TEAMS + idle)
    assert fault.suggestion == "Add [teams.ceremonies.programme_report], or leave rollup out."
