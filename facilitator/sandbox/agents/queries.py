"""What a client may ask: one strict shape for the query of each listing.

Read by the routes through wire.py, like the bodies. A parameter that is not named here is a 400, so a client's typing errors surface.
"""

# ruff: noqa: D101 - a query is named by what it lists

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from facilitator.sandbox.agents.wire import Order, Strict


class PageQuery(Strict):
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    page: str | None = None


class AgentListQuery(PageQuery):
    include_archived: bool = False
    gte: datetime | None = Field(None, alias="created_at[gte]")
    lte: datetime | None = Field(None, alias="created_at[lte]")


class EnvironmentListQuery(PageQuery):
    include_archived: bool = False


class AgentQuery(Strict):
    version: int | None = None


class CreatedQuery(PageQuery):
    order: Order = "desc"
    gt: datetime | None = Field(None, alias="created_at[gt]")
    gte: datetime | None = Field(None, alias="created_at[gte]")
    lt: datetime | None = Field(None, alias="created_at[lt]")
    lte: datetime | None = Field(None, alias="created_at[lte]")


class SessionListQuery(CreatedQuery):
    agent_id: str | None = None
    agent_version: int | None = None
    deployment_id: str | None = None
    memory_store_id: str | None = None
    statuses: list[Literal["rescheduling", "running", "idle", "terminated"]] | None = None
    include_archived: bool = False


class EventListQuery(CreatedQuery):
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    order: Order = "asc"
    types: list[str] | None = None


class ThreadListQuery(PageQuery):
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
    statuses: list[Literal["rescheduling", "running", "idle", "terminated"]] | None = None


class StreamQuery(Strict):
    event_deltas: list[Literal["agent.message", "agent.thinking"]] | None = None


class FileListQuery(PageQuery):
    limit: Annotated[int, Field(ge=1, le=1000)] = 20
    scope_id: str | None = None
    ids: Annotated[list[str], Field(max_length=100)] | None = None
