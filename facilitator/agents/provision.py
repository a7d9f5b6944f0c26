"""Make the service hold the agent and the environment the templates describe, once, and pin them.

`plan` looks and says; `apply` does. Both look the same way: the known id first, then a private metadata key in the list,
the oldest winning. A second apply makes no second version. Storing what was pinned is the caller's part.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facilitator.agents.client import Intervals, Wire, WireError, identified, plain
from facilitator.agents.recipe import Kit, Recipe, read_recipes
from facilitator.runs.ports import Pinned

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

CREATE, UPDATE, KEEP = "create", "update", "keep"
_PAGE = 100

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What apply would do to one object: create, update or keep it; `because` is a sentence for a person."""

    kind: str
    action: str
    name: str
    because: str
    id: str | None = None
    version: int | None = None


async def plan(
    templates: Path,
    client: AsyncAnthropic | Wire,
    *,
    known: Pinned | None = None,
    model: str | None = None,
    name_suffix: str = "",
    kit: Kit | None = None,
) -> list[Change]:
    """What `apply` would change, agent first; changes nothing."""
    wire = _wire(client)
    agent, environment = read_recipes(templates, model, name_suffix, kit)
    shelves = _shelves(wire, known)
    return [
        decide(recipe, await shelf.find(recipe), known)
        for recipe, shelf in zip((agent, environment), shelves, strict=True)
    ]


async def apply(
    templates: Path,
    client: AsyncAnthropic | Wire,
    *,
    known: Pinned | None = None,
    model: str | None = None,
    name_suffix: str = "",
    kit: Kit | None = None,
) -> Pinned:
    """Create or update what differs and pin the result; the second time nothing happens. Store what is returned."""
    wire = _wire(client)
    agent, environment = read_recipes(templates, model, name_suffix, kit)
    agents, environments = _shelves(wire, known)
    pinned_agent = await _reach(wire, agents, agent, known)
    pinned_environment = await _reach(wire, environments, environment, known)
    return Pinned(
        agent_id=str(pinned_agent["id"]),
        agent_version=int(pinned_agent["version"]),
        environment_id=str(pinned_environment["id"]),
        agent_hash=agent.digest,
        environment_hash=environment.digest,
        tools=agent.tools,
    )


def decide(recipe: Recipe, found: Found | None, known: Pinned | None) -> Change:
    """What to do about one object, given what is there."""
    if found is None:
        return Change(recipe.kind, CREATE, recipe.name, "there is none yet")
    version = found.get("version")
    pinned = (
        known.agent_version if known and recipe.kind == "agent" and found["id"] == known.agent_id else None
    )
    action, because = KEEP, "it is as the template says"
    if not recipe.recognises(found):
        action, because = UPDATE, "it has this name but was not made from this template"
    elif not recipe.matches(found):
        action, because = UPDATE, "the template, or what [agents] asks of it, changed since it was applied"
    elif pinned is not None and version != pinned:
        action, because = UPDATE, f"somebody changed it outside: version {version}, pinned {pinned}"
    return Change(recipe.kind, action, recipe.name, because, str(found["id"]), version)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """How one kind of object is found, made and changed."""

    wire: Wire
    known_id: str | None
    retrieve: Callable[[str], Awaitable[Any]]
    page: Callable[..., Awaitable[Any]]
    create: Callable[..., Awaitable[Any]]
    update: Callable[..., Awaitable[Any]]
    unique_names: bool

    async def find(self, recipe: Recipe) -> Found | None:
        """The object of this recipe: by the known id, by its metadata, or by a name that only one may have."""
        known = await self._known()
        if known is not None and (recipe.recognises(known) or known.get("name") == recipe.name):
            return known
        everything = await self._all(recipe.kind)
        ours = [found for found in everything if recipe.recognises(found)]
        named = [found for found in everything if self.unique_names and found.get("name") == recipe.name]
        return min(ours or named, key=lambda found: str(found.get("created_at")), default=None)

    async def _known(self) -> Found | None:
        known_id = self.known_id
        if known_id is None:
            return None

        async def call() -> Found:
            return identified(await self.retrieve(known_id))

        try:
            found = await self.wire.read(f"reading {known_id}", call)
        except WireError as error:
            if error.gone:
                return None
            raise
        return None if found.get("archived_at") else found

    async def _all(self, kind: str) -> list[Found]:
        query: dict[str, Any] = {"limit": _PAGE}
        everything: list[Found] = []
        while True:

            async def call() -> Found:
                return plain(await self.page(**query))

            page = await self.wire.read(f"listing {kind}s", call)
            everything += [found for found in page.get("data") or [] if not found.get("archived_at")]
            if not page.get("next_page"):
                return everything
            query["page"] = page["next_page"]

    async def make(self, recipe: Recipe) -> Found:
        """Create it; on doubt `WireError.in_doubt`."""

        async def call() -> Found:
            return identified(await self.create(**recipe.body, metadata=recipe.metadata))

        return await self.wire.write(f"creating the {recipe.kind} {recipe.name}", call)

    async def change(self, recipe: Recipe, change: Change) -> Found:
        """Bring it up to the recipe; refused (409, as doubt) where somebody else changed it meanwhile."""
        guard = {"version": change.version} if recipe.kind == "agent" else {}

        async def call() -> Found:
            return identified(await self.update(change.id, **recipe.body, metadata=recipe.metadata, **guard))

        return await self.wire.write(f"updating the {recipe.kind} {recipe.name}", call)


async def _reach(wire: Wire, shelf: _Shelf, recipe: Recipe, known: Pinned | None) -> Found:
    """Look, decide, do; after any doubt look again, with patience, before doing anything."""
    failure: WireError | None = None
    for _ in range(wire.intervals.attempts):
        found = await shelf.find(recipe)
        for wait in wire.intervals.looks if failure is not None else ():
            if found is None:
                await wire.sleep(wait)
                found = await shelf.find(recipe)
        change = decide(recipe, found, known if failure is None else None)
        if found is not None and change.action == KEEP:
            return found
        try:
            return await (shelf.make(recipe) if found is None else shelf.change(recipe, change))
        except WireError as error:
            if not error.in_doubt:
                raise
            failure = error
    raise failure or AssertionError(recipe.name)


def _shelves(wire: Wire, known: Pinned | None) -> tuple[_Shelf, _Shelf]:
    agents, environments = wire.client.beta.agents, wire.client.beta.environments
    return (
        _Shelf(
            wire,
            known.agent_id if known else None,
            agents.retrieve,
            agents.list,
            agents.create,
            agents.update,
            False,
        ),
        _Shelf(
            wire,
            known.environment_id if known else None,
            environments.retrieve,
            environments.list,
            environments.create,
            environments.update,
            True,
        ),
    )


def _wire(client: AsyncAnthropic | Wire) -> Wire:
    return client if isinstance(client, Wire) else Wire(client, asyncio.sleep, random.random, Intervals())
