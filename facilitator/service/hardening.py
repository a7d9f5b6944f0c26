"""Arrangements that work and are too weak for production, found in a configuration; each with what to do instead.

Pure but for looking at the modes of files. It forbids nothing: `check --production` tells a person.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from facilitator.settings import Retention, Secret, Settings, Team


@dataclass(frozen=True, slots=True)
class Weakness:
    """One thing a careful company would arrange differently."""

    what: str
    message: str
    suggestion: str


def weaknesses(settings: Settings, ceremonies: Sequence[str]) -> Iterator[Weakness]:
    """Everything weak in these settings; `ceremonies` are the names there are."""
    for secret in settings.secrets():
        yield from _kept_badly(secret)
    yield from _files(settings)
    for name, url in (("[asana]", settings.asana.base_url), ("[agents]", settings.agents.base_url)):
        if urlsplit(url).scheme != "https":
            yield Weakness(name, f"{url} is plain http.", "Use the service's own https address.")
    yield from _kept_for_good(settings.retention)
    for team in settings.teams:
        yield from _team(team, ceremonies)


def _kept_badly(secret: Secret) -> Iterator[Weakness]:
    if secret.kind == "env":
        suggestion = f"Put it in a file only this program may read and set {secret.name}_FILE."
        yield Weakness(secret.name, "comes from the environment.", suggestion)
    if secret.path is not None and _others_may(secret.path, stat.S_IRWXG | stat.S_IRWXO):
        yield Weakness(secret.name, "its file can be read by others.", f"chmod 600 {secret.path}")


def _files(settings: Settings) -> Iterator[Weakness]:
    if _others_may(settings.source, stat.S_IWGRP | stat.S_IWOTH):
        yield Weakness(str(settings.source), "others may change it.", f"chmod go-w {settings.source}")
    url = settings.database_url
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:") and _others_may(path, stat.S_IRWXO):
        yield Weakness("the run log", "others on this machine may read it.", f"chmod o-rwx {path}")


def _others_may(path: Path, bits: int) -> bool:
    try:
        return bool(path.stat().st_mode & bits)
    except OSError:
        return False


def _kept_for_good(retention: Retention) -> Iterator[Weakness]:
    for name in ("snapshots", "texts", "events", "delete_sessions"):
        if getattr(retention, name) is None:
            yield Weakness("[retention]", f"{name} are kept for good.", f"Give {name}_days a number of days.")


def _team(team: Team, ceremonies: Sequence[str]) -> Iterator[Weakness]:
    wishes = [team.ceremony(name) for name in ceremonies if team.ceremony(name).enabled]
    nameless = [person.name for person in team.approvers if not person.gid]
    if nameless:
        suggestion = 'Write {name = "...", gid = "..."}: names can be taken by others, gids cannot.'
        yield Weakness(team.slug, f"approvers without a gid: {', '.join(nameless)}.", suggestion)
    if set(team.notify.channels) <= {"log"}:
        yield Weakness(team.slug, "trouble is told to the log alone.", 'Give [notify] channels = ["asana"].')
    if team.monthly_budget_cents is None:
        yield Weakness(team.slug, "no budget for a month.", "Give monthly_budget_cents.")
    for wish in wishes:
        what = f"{team.slug}/{wish.name}"
        if wish.budget_cents is None:
            suggestion = "Give budget_cents, three to five times a usual run."
            yield Weakness(what, "a session may spend without a limit.", suggestion)
