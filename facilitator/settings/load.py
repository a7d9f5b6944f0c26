"""Reading facilitator.toml and the environment, once, with every fault at once.

Called by runner.py and the command line before anything else. The environment is an argument; secrets are noted, not
read (see `secret`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facilitator.errors import ConfigurationError
from facilitator.place import run_log_address
from facilitator.settings.addresses import secret_variables
from facilitator.settings.environment import environment_faults, read_environment
from facilitator.settings.faults import ConfigFault, ConfigurationFaults, Found, KeyPath
from facilitator.settings.lines import KeyLines
from facilitator.settings.nearest import visible
from facilitator.settings.secret import Secret
from facilitator.settings.settings import (
    ANTHROPIC_BASE_URL,
    ASANA_BASE_URL,
    WEBHOOK_VARIABLE,
    AgentsSettings,
    AsanaSettings,
    ExecutorSettings,
    LimitSettings,
    Settings,
    is_loopback,
    usual_pace,
)

if TYPE_CHECKING:
    from facilitator.settings.shape import LimitsShape

CONFIG_NAME = "facilitator.toml"
_LINE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column \d+|end of document)\)")


def load_settings(
    path: Path | None,
    environ: Mapping[str, str],
    *,
    ceremonies: Collection[str] | None = None,
    over_teams: Collection[str] = (),
) -> Settings:
    """Read the configuration at `path`, else the one FACILITATOR_CONFIG names, else facilitator.toml here.

    `ceremonies` are the names that exist in jobs/, None leaves names unchecked; `over_teams` are those of them that tell of
    several teams. Raises `ConfigurationFaults` with all
    faults, or `ConfigurationError` where there is no file to read.
    """
    source = path or Path(environ.get("FACILITATOR_CONFIG") or CONFIG_NAME)
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"the configuration {source} cannot be read: {error.strerror}.",
            suggestion="Write one with `facilitator init`, or name yours with --config or FACILITATOR_CONFIG.",
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        fault = ConfigFault(line, "", "not UTF-8 text.", "Save the file as UTF-8.")
        raise ConfigurationFaults(str(source), [fault]) from None
    return read_settings(text, source, environ, ceremonies=ceremonies, over_teams=over_teams)


def read_settings(
    text: str,
    source: Path,
    environ: Mapping[str, str],
    *,
    ceremonies: Collection[str] | None = None,
    over_teams: Collection[str] = (),
) -> Settings:
    """`load_settings` for a text in hand; `source` names it, and its folder is where the default database goes."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationFaults(str(source), [_syntax_fault(str(error), text)]) from None
    database_url = environ.get("FACILITATOR_DATABASE_URL", "").strip()
    shape, found = _checked(document, ceremonies, over_teams, database_url)
    secrets = secret_variables(document)
    placed = _placed(found, document, KeyLines.of(text)) if found else ()
    faults = [*placed, *environment_faults(environ, secrets)]
    if faults:
        raise ConfigurationFaults(str(source), faults)
    return _settings(shape, source, environ)


def _checked(
    document: Mapping[str, Any],
    ceremonies: Collection[str] | None,
    over_teams: Collection[str],
    database_url: str,
) -> tuple[Any, list[Found]]:
    # pydantic is imported here: most of the program only needs the dataclasses, and wants to start at once.
    from pydantic import ValidationError

    from facilitator.settings.consistency import executor_faults, inconsistencies
    from facilitator.settings.shape import RootShape
    from facilitator.settings.translate import faults_of

    found = [*inconsistencies(document, ceremonies, over_teams), *executor_faults(document, database_url)]
    try:
        return RootShape.model_validate(document), found
    except ValidationError as error:
        return None, [*faults_of(error), *found]


def _settings(shape: Any, source: Path, environ: Mapping[str, str]) -> Settings:
    from facilitator.settings.build import (
        days_of,
        mcp_of,
        person_of,
        read_token_of,
        retention_of,
        team_of,
        web_of,
    )
    from facilitator.settings.notify import mailbox_of, notify_of

    variables = read_environment(environ)

    base_url = variables.asana_url or shape.asana.base_url or ASANA_BASE_URL
    agents_url = variables.anthropic_url or shape.agents.base_url or ANTHROPIC_BASE_URL
    company_days = days_of(shape.company.days_off)
    people = [tuple(map(person_of, team.approvers)) for team in shape.teams]
    notify = [
        notify_of(team.notify, shape.notify, approvers, environ)
        for team, approvers in zip(shape.teams, people, strict=True)
    ]
    return Settings(
        source=source,
        teams=tuple(
            replace(
                team_of(team, shape.agents, company_days),
                notify=told,
                read_token=read_token_of(team, environ),
            )
            for team, told in zip(shape.teams, notify, strict=True)
        ),
        asana=AsanaSettings(
            token=variables.token,
            base_url=base_url,
            requests_per_minute=shape.asana.requests_per_minute or usual_pace(base_url),
            bound=shape.asana.requests_per_minute is not None or not is_loopback(base_url),
            profile=shape.asana.profile,
            workspace=shape.asana.workspace or "",
        ),
        agents=AgentsSettings(
            key=variables.key,
            base_url=agents_url,
            webhook_key=Secret.named(WEBHOOK_VARIABLE, environ),
            agent=shape.agents.agent,
            model=shape.agents.model,
            max_iterations=shape.agents.max_iterations,
            deadline=timedelta(minutes=shape.agents.deadline_minutes),
            budget_cents=shape.agents.budget_cents,
            tools=None if shape.agents.tools is None else tuple(shape.agents.tools),
            mcp=mcp_of(shape.agents.mcp),
        ),
        database_url=run_log_address(source, environ),
        limits=_limits(shape.limits, agents_url),
        executor=ExecutorSettings(shape.executor.kind, shape.executor.at_once),
        notify=notify_of(shape.notify, shape.notify, (), environ),
        mailbox=mailbox_of(shape.notify.email, environ),
        web=web_of(shape.web),
        retention=retention_of(shape.retention),
    )


def _placed(found: list[Found], document: Mapping[str, Any], lines: KeyLines) -> Iterator[ConfigFault]:
    for each in dict.fromkeys(found):
        yield ConfigFault(lines.line(each.path), _key(each.path, document), each.message, each.suggestion)


def _key(path: KeyPath, document: Mapping[str, Any]) -> str:
    """The key as a person would say it: a team by its short name, other list entries by number from 1."""
    words: list[str] = []
    for n, part in enumerate(path):
        if isinstance(part, int):
            slug = (
                document["teams"][part].get("slug")
                if path[:n] == ("teams",) and _is_team(document, part)
                else None
            )
            words[-1] += f"[{slug if isinstance(slug, str) else part + 1}]"
        else:
            words.append(part)
    return visible(".".join(words))


def _is_team(document: Mapping[str, Any], number: int) -> bool:
    return isinstance(document["teams"][number], dict)


def _syntax_fault(message: str, text: str) -> ConfigFault:
    match = _LINE.search(message)
    line = int(match["line"]) if match and match["line"] else text.count("\n") + 1
    said = _LINE.sub("", message)
    return ConfigFault(line, "", f"not TOML: {said[:1].lower()}{said[1:]}.", "Correct this line first.")


def _limits(shape: LimitsShape, agents_url: str) -> LimitSettings:
    """What is said, else what is published; a service on this machine has no quota but one that is said."""
    usual = LimitSettings().unbound() if is_loopback(agents_url) else LimitSettings()
    said = shape.model_dump(exclude_none=True)
    return replace(usual, **said)
