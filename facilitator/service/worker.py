"""One more process that advances runs: takes ids from the cluster's queue until it is stopped. It fires nothing."""

from __future__ import annotations

import asyncio
import importlib

import structlog

from facilitator.errors import ConfigurationError
from facilitator.runs.steps.desk import Observe, unobserved
from facilitator.service.application import Application
from facilitator.service.cluster import LIFE, Pulse, queue, take
from facilitator.service.executing import make_room, steady
from facilitator.service.executor import settling
from facilitator.service.progress import together

log = structlog.get_logger()


async def warm() -> None:
    """Load the SDK before the first job: a second in which the event loop stands still must not cost a heartbeat."""
    await asyncio.to_thread(importlib.import_module, "anthropic")


async def work(
    app: Application, stop: asyncio.Event, *, observe: Observe = unobserved, pulse: Pulse = LIFE
) -> None:
    """Advance what the queue holds until `stop` is set; a run at work then is let go where it stands.

    Raises `ConfigurationError` where this deployment has no cluster, `StoreError` where the database cannot be reached.
    """
    if app.settings.executor.kind != "cluster":
        raise ConfigurationError(
            "this deployment advances its runs in `serve`.",
            suggestion='Set kind = "cluster" under [executor] to let workers do it.',
        )
    make_room(app.settings.executor.at_once)
    await warm()
    steady()
    async with (
        app.working(app, together(app.hub.publish, observe)) as pipeline,
        queue(app.settings.database_url, app.locks, settling(pipeline, app.store)) as jobs,
    ):
        log.info("working", at_once=app.settings.executor.at_once)
        await take(jobs, stop, at_once=app.settings.executor.at_once, pulse=pulse)
        log.info("stopped")
