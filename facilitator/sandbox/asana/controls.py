"""The control calls of the simulated Asana, under `/_sandbox`: what a test may do to the world that no client could.

Owns hiding, removing, expiring, and moving the clock. Each says in its answer what it did.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from facilitator.sandbox.asana.world import KINDS, Switches, World
from facilitator.sandbox.clock import SandboxClock
from facilitator.sandbox.wire import Control, ControlError


def controls(world: World) -> Mapping[str, Control]:
    """Answer the control calls by name."""
    return {
        "hide": lambda body: _hide(world, body),
        "show": lambda body: _show(world, body),
        "remove_user": lambda body: _remove_user(world, body),
        "expire": lambda body: _expire(world, body),
        "clock": lambda body: _advance(world, body),
        "switches": lambda body: _switch(world, body),
    }


def _hide(world: World, body: dict[str, Any]) -> Any:
    """Make things invisible to every token: {"gids": [...]}."""
    world.hidden |= _gids(world, body)
    return {"hidden": sorted(world.hidden)}


def _show(world: World, body: dict[str, Any]) -> Any:
    """Make hidden things visible again: {"gids": [...]}."""
    world.hidden -= _gids(world, body)
    return {"hidden": sorted(world.hidden)}


def _gids(world: World, body: dict[str, Any]) -> set[str]:
    gids = body.get("gids")
    known = {gid for kind in KINDS for gid in world.tables[kind]}
    if set(body) != {"gids"} or not isinstance(gids, list) or not set(gids) <= known:
        raise ControlError('send {"gids": [...]} with gids of this world')
    return set(gids)


def _remove_user(world: World, body: dict[str, Any]) -> Any:
    """Let someone leave the workspace: {"gid": ...}. Their assignments end, their name stays in old stories."""
    gid = body.get("gid")
    user = world.get("user", gid) if isinstance(gid, str) else None
    if user is None or set(body) != {"gid"}:
        raise ControlError('send {"gid": ...} of a user of this world')
    world.hidden.add(user["gid"])
    for task in world.all("task"):
        if task["assignee"] and task["assignee"]["gid"] == gid:
            task["assignee"] = None
    return {"removed": gid}


def _expire(world: World, body: dict[str, Any]) -> Any:
    """Make offsets or sync tokens invalid: {"offsets": true, "sync_tokens": true}."""
    if not body or set(body) - {"offsets", "sync_tokens"}:
        raise ControlError('send {"offsets": true} or {"sync_tokens": true} or both')
    if body.get("offsets"):
        world.pages.expire()
    if body.get("sync_tokens"):
        world.events.expire_tokens()
    return {"expired": sorted(name for name, wanted in body.items() if wanted)}


def _advance(world: World, body: dict[str, Any]) -> Any:
    """Move the clock of both services: {"advance_seconds": n}."""
    seconds = body.get("advance_seconds")
    if set(body) != {"advance_seconds"} or not isinstance(seconds, int | float):
        raise ControlError('send {"advance_seconds": a number}')
    if not isinstance(world.clock, SandboxClock):
        raise ControlError("this sandbox has a clock of its own that cannot be moved")
    world.clock.advance(seconds)
    return {"now": world.now()}


def _switch(world: World, body: dict[str, Any]) -> Any:
    """Set switches by name."""
    known = {entry.name for entry in fields(Switches)}
    if not body or set(body) - known:
        raise ControlError(f"the switches are {', '.join(sorted(known))}")
    for name, value in body.items():
        if type(value) is not type(getattr(world.switches, name)):
            raise ControlError(f"{name} cannot be {value!r}")
        setattr(world.switches, name, value)
    return {name: getattr(world.switches, name) for name in sorted(known)}
