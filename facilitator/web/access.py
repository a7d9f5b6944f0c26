"""Who may see and do what: a visitor's role in each team, from the configuration alone.

Pure. One name is one person in every team of a configuration. A role is never wider than the team it was given for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from facilitator.errors import FacilitatorError
from facilitator.settings import Person, Team


class Role(IntEnum):
    """What someone may do in one team; each may do what those before it may."""

    VIEWER = 1
    """See the team's pages."""
    APPROVER = 2
    """Decide on its drafts."""
    ADMIN = 3
    """Fire its ceremonies, pause and resume them. Deciding still takes a name under `approvers`: other channels ask the same list."""


class SignInNeeded(FacilitatorError):  # noqa: N818 - an everyday answer, told in words
    """Nobody is signed in; `next` is where the visitor wanted to go."""

    code = "sign_in_needed"


class NotFound(FacilitatorError):  # noqa: N818 - the same answer for what is not there and what is another team's
    """There is nothing of that name that this visitor may see."""

    code = "not_found"


class NotAllowed(FacilitatorError):  # noqa: N818 - said of one act
    """The visitor may look, but not do this."""

    code = "not_allowed"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone signed in. `roles` maps a team's slug to their role there; teams they may not see are missing."""

    name: str
    roles: Mapping[str, Role]
    token: str = field(repr=False, default="")

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams this person may see, by slug."""
        return tuple(self.roles)

    @property
    def csrf(self) -> str:
        """What every form of this session must bring along: known to its own pages only."""
        return hmac.new(self.token.encode(), b"form", hashlib.sha256).hexdigest()

    def sees(self, team: str) -> bool:
        """Whether anything of the team may be shown."""
        return team in self.roles

    def may(self, role: Role, team: str) -> bool:
        """Whether this person has at least the role there."""
        return self.roles.get(team, 0) >= role


def roles_of(teams: Iterable[Team], who: str) -> dict[str, Role]:
    """The widest role of `who` (a name, login or gid) in each team that names them."""
    roles: dict[str, Role] = {}
    for team in teams:
        for role, people in (
            (Role.VIEWER, team.viewers),
            (Role.APPROVER, team.approvers),
            (Role.ADMIN, team.admins),
        ):
            if any(person.answers_to(who) for person in people):
                roles[team.slug] = role
    return roles


def person_of(teams: Iterable[Team], who: str) -> Person | None:
    """The person that `who` names anywhere in the configuration, or None for a stranger."""
    people = (person for team in teams for person in (*team.approvers, *team.admins, *team.viewers))
    return next((person for person in people if person.answers_to(who)), None)


def visitor_of(teams: Iterable[Team], who: str, token: str) -> Visitor | None:
    """The visitor that a session of `who` makes, or None where the configuration no longer names them."""
    known = tuple(teams)
    roles = roles_of(known, who)
    return Visitor(who, roles, token) if roles else None
