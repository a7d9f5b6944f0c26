"""`check --production`: what works and is too weak for a careful company."""

from pathlib import Path

import pytest

from facilitator.service.hardening import weaknesses
from facilitator.settings import Settings, first_configuration, read_settings

STRONG = """
[notify]
channels = ["asana"]
"""


def settings(folder: Path, *changes: tuple[str, str], **environ: str) -> Settings:
    """A first configuration with these replacements, and these variables."""
    text = first_configuration(
        team="Harbour", project="900", zone="UTC", approvers=["Alice"], ceremonies=["standup"]
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "facilitator.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return read_settings(text, path, environ)


def told(settings: Settings) -> str:
    return "\n".join(
        f"{one.what}: {one.message} {one.suggestion}" for one in weaknesses(settings, ["standup"])
    )


def kept(folder: Path, mode: int) -> dict[str, str]:
    """Both secrets in files of this mode."""
    names = ("ASANA_ACCESS_TOKEN", "ANTHROPIC_API_KEY")
    for name in names:
        (folder / name).write_text("secret", encoding="utf-8")
        (folder / name).chmod(mode)
    return {f"{name}_FILE": str(folder / name) for name in names}


STRONGER = (
    ("[agents]", "[agents]\nbudget_cents = 50"),
    ('approvers = ["Alice"]', 'approvers = [{name = "Alice", gid = "1"}]\nmonthly_budget_cents = 2000'),
    ("[teams.board]", '[teams.notify]\nchannels = ["asana"]\n\n[teams.board]'),
)


def test_a_careful_arrangement_has_no_weakness(tmp_path: Path) -> None:
    """Secrets in private files, gids, budgets, a channel, an end to what is kept."""
    assert told(settings(tmp_path, *STRONGER, **kept(tmp_path, 0o600))) == ""


def test_the_first_configuration_is_weak_in_known_ways(tmp_path: Path) -> None:
    """Secrets in the environment, names without gids, no budget, nobody told."""
    weak = told(settings(tmp_path, ASANA_ACCESS_TOKEN="a", ANTHROPIC_API_KEY="b"))
    for words in (
        "ASANA_ACCESS_TOKEN: comes from the environment", "approvers without a gid: Alice", "log alone",
        "no budget for a month", "harbour/standup: a session may spend without a limit",
    ):  # fmt: skip
        assert words in weak
    assert "secret" not in weak


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[retention]", "[retention]\nsnapshots_days = 0"), "snapshots are kept for good"),
        (("[asana]", '[asana]\nbase_url = "http://127.0.0.1:1/api/1.0"'), "plain http"),
    ],
)
def test_each_weak_arrangement_is_named(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    """One thing changed for the worse is one thing said."""
    assert words in told(settings(tmp_path, change, **kept(tmp_path, 0o600)))


def test_files_that_others_may_touch_are_named(tmp_path: Path) -> None:
    """A secret's file, the configuration, and the run log."""
    found = settings(tmp_path, *STRONGER, **kept(tmp_path, 0o644))
    found.source.chmod(0o666)
    (tmp_path / "facilitator.sqlite3").touch(0o644)
    weak = told(found)
    assert weak.count("its file can be read by others") == 2
    assert "others may change it" in weak
    assert "the run log: others on this machine may read it" in weak


def test_a_teams_own_token_is_looked_at_too(tmp_path: Path) -> None:
    """`env:` in a team's credentials is no better than anywhere else."""
    change = ("[teams.credentials]", '[teams.credentials]\nread = "env:HARBOUR_TOKEN"')
    weak = told(settings(tmp_path, change, **kept(tmp_path, 0o600), HARBOUR_TOKEN="x"))
    assert "HARBOUR_TOKEN: comes from the environment" in weak
