"""How a view is asked for: by whom, of what, with which words in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from facilitator.web.access import NotFound, Visitor
from facilitator.web.site import Site


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a view: `path` and `query` are the address's words, `many` the query's with repeats."""

    site: Site
    visitor: Visitor
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The application's clock."""
        return self.site.now()

    def team(self) -> str:
        """The team in the path, if the visitor may see it; `NotFound` otherwise."""
        slug = self.path["team"]
        if not self.visitor.sees(slug):
            raise NotFound(f"there is no team {slug[:60]}.", suggestion="Today lists the teams there are.")
        return slug

    def teams(self) -> tuple[str, ...]:
        """The teams asked for in the query, or all the visitor may see; others are as if they were not there."""
        wanted = self.query.get("team", "")
        return tuple(team for team in self.visitor.teams if wanted in ("", team))


View = Callable[[Asked], Any]
"""Gives a frozen dataclass, or raises a `FacilitatorError` with what to do next."""
