"""Composition root and entry: settings, clients, run log and ceremonies, put together for the command line.

The only place that knows both jobs/ and the engine, and the only place that builds the real clients.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facilitator.cli.app import run_cli

if TYPE_CHECKING:
    from facilitator.agents import Change, Kit
    from facilitator.asana import AsanaTracker
    from facilitator.pacing import Turnstile
    from facilitator.runs.pipeline import Pipeline
    from facilitator.runs.ports import Pinned
    from facilitator.runs.steps.desk import Observe
    from facilitator.service.application import Application
    from facilitator.settings import Secret

NO_TOOLS = ("none",)
"""No custom tool is called so: every call is refused."""
ROOT = Path(__file__).resolve().parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; gives its exit code."""
    # Starting makes hundreds of thousands of objects that stay; the usual threshold looks through them again and again.
    gc.set_threshold(50_000, 20, 50)
    return run_cli(sys.argv[1:] if argv is None else argv, compose, ceremonies)


def ceremonies() -> tuple[str, ...]:
    """The names of the ceremonies here that a team can hold on its own board."""
    from facilitator.service.discovery import find_ceremonies

    shelves = find_ceremonies(ROOT)
    return tuple(sorted(set(shelves.ceremonies) - set(shelves.over_teams)))


def compose(config: Path | None, environ: Mapping[str, str]) -> Application:
    """The application of one configuration. A ceremony may stand beside the configuration instead of here."""
    from facilitator.runs.library import Library
    from facilitator.service.application import Application, assignments
    from facilitator.service.discovery import find_ceremonies
    from facilitator.settings import load_settings

    path = config or Path(environ.get("FACILITATOR_CONFIG") or "facilitator.toml")
    shelves = find_ceremonies(ROOT, path.resolve().parent)
    reread = partial(
        load_settings, path, environ, ceremonies=shelves.ceremonies, over_teams=shelves.over_teams
    )
    settings, library = reread(), Library(shelves)
    return Application(
        settings, library, assignments(settings, library), clock, working, reading, provisioning, reread
    )


def clock() -> datetime:
    """The wall clock, the only one the program reads; aware, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def reading(app: Application) -> AsyncIterator[AsanaTracker]:
    """Asana alone."""
    from facilitator.asana import AsanaTracker, Limiter, Limits
    from facilitator.pacing import Pace

    asana = app.settings.asana
    flying = app.settings.limits
    limits = Limits(
        requests_per_minute=asana.requests_per_minute,
        reads_in_flight=flying.asana_reads_in_flight,
        writes_in_flight=flying.asana_writes_in_flight,
    )
    pace = Pace.in_any_minute(asana.requests_per_minute) if asana.bound else Pace.boundless()

    limiters: dict[str, Limiter] = {}

    def limiter(token: Secret) -> Limiter:
        """One for each token, however many teams read with it: Asana counts by token, calls in flight too."""
        if token.reference not in limiters:
            bucket = app.bucket(f"asana {token.reference}", pace)
            limiters[token.reference] = Limiter(limits, clock=app.monotonic, sleep=app.sleep, bucket=bucket)
        return limiters[token.reference]

    token = app.revealing(asana.token, "asana: write and find our own")
    async with AsanaTracker(
        base_url=asana.base_url,
        token=token,
        limits=limits,
        limiter=limiter(asana.token),
        clock=app.monotonic,
        sleep=app.sleep,
        on_limited=app.counting("asana"),
        on_write=app.recording,
        workspace=asana.workspace,
    ) as tracker:
        for team in app.settings.teams:
            if team.read_token:
                own = app.revealing(team.read_token, f"asana: read {team.slug}")
                tracker.read_by(team.slug, own, limiter(team.read_token))
        yield tracker.within(app.reach())


@asynccontextmanager
async def working(app: Application, observe: Observe) -> AsyncIterator[Pipeline]:
    """Both clients, and a pipeline over them."""
    from facilitator.agents import ManagedAgentsBackend, load_prices
    from facilitator.runs.pipeline import Pipeline
    from facilitator.runs.steps.desk import Ports

    agents = app.settings.agents
    async with reading(app) as tracker:
        prices = load_prices(ROOT / "templates" / "agents", agents.model)
        pinned = within(app.pinned(), agents.tools)
        key = app.revealing(agents.key, "managed agents: sessions")
        backend = ManagedAgentsBackend(
            pinned, key, agents.base_url, prices=prices, on_limited=app.counting("managed_agents"),
            vault_ids=(agents.mcp.vault_id,) if agents.mcp else (), paces=paces(app),
            clock=app.clock, monotonic=app.monotonic, sleep=app.sleep,
        )  # fmt: skip
        try:
            ports = Ports(
                store=app.store,
                tracker=lambda whose: tracker.for_team(whose.team).within(app.reach(whose.team)),
                agents=backend,
                pinned=pinned,
                library=app.library,
                locks=app.locks,
                clock=app.clock,
                sleep=app.sleep,
                observe=observe,
            )
            yield Pipeline(ports, app.assignments)
        finally:
            await backend.aclose()


def paces(app: Application) -> dict[str, Turnstile]:
    """The quotas of the organisation at Managed Agents, each with its queue."""
    from facilitator.agents import CREATES, READS, SENDS
    from facilitator.pacing import Pace, Turnstile

    limits, key = app.settings.limits, app.settings.agents.key.reference
    quotas = {
        CREATES: limits.session_creates_per_minute,
        READS: limits.agent_reads_per_minute,
        SENDS: limits.event_sends_per_minute,
    }
    return {
        name: Turnstile(app.bucket(f"agents {name} {key}", Pace.steady(quota)), sleep=app.sleep)
        for name, quota in quotas.items()
    }


async def provisioning(app: Application, *, change: bool) -> tuple[list[Change], Pinned | None]:
    """What differs from templates/agents on Managed Agents; with `change`, bring it up to them and give the pin."""
    from facilitator.agents import apply, make_client, plan

    agents, templates = app.settings.agents, ROOT / "templates" / "agents"
    key = app.revealing(agents.key, "managed agents: agent and environment")
    async with make_client(key, agents.base_url) as client:
        known = app.store.pinned()
        tools = kit(app)
        changes = await plan(templates, client, known=known, model=agents.model, kit=tools)
        pinned = None
        if change:
            pinned = await apply(templates, client, known=known, model=agents.model, kit=tools)
    return changes, pinned


def within(pinned: Pinned, tools: tuple[str, ...] | None) -> Pinned:
    """A tool taken out of the configuration is refused at once, before the next `agents apply`."""
    from facilitator.runs.ports import ON_REQUEST

    kept = (name for name in pinned.tools if (name in tools if tools is not None else name not in ON_REQUEST))
    return replace(pinned, tools=tuple(kept) or (NO_TOOLS if pinned.tools else ()))


def kit(app: Application) -> Kit:
    """The tools the configuration gives the agent."""
    from facilitator.agents import Kit, McpServer

    mcp = app.settings.agents.mcp
    return Kit(app.settings.agents.tools, McpServer("asana", mcp.url, mcp.tools) if mcp else None)


if __name__ == "__main__":
    sys.exit(main())
