"""The cast of the built-in world: eight people of the Harbour team, and one who left.

Roles and skills steer the simulation only; a pack names people and nothing more. Every name is invented.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the team; `skills` are the areas of the product they take work from first."""

    key: str
    name: str
    role: str
    skills: tuple[str, ...] = ()


PEOPLE = (
    Person("ingrid", "Ingrid Solheim", "product owner"),
    Person("tomasz", "Tomasz Wieczorek", "delivery lead"),
    Person("amara", "Amara Okonkwo", "backend", ("payments", "refunds", "capacity")),
    Person("mateo", "Mateo Fuentes", "backend", ("timetable", "capacity", "ops")),
    Person("linh", "Linh Nguyen", "web", ("booking", "access")),
    Person("oskar", "Oskar Lindqvist", "design and web", ("access", "booking", "refunds")),
    Person("yuki", "Yuki Tanabe", "crew app", ("crew", "booking")),
    Person("fatima", "Fatima El Amrani", "quality", ("ops", "crew", "payments")),
)

OWNER = "ingrid"
LEAD = "tomasz"
QUALITY = "fatima"
FORMER = "former"
"""A colleague whose account was deleted: stories still carry the gid, the list of users does not."""

DOERS = tuple(person for person in PEOPLE if person.skills)
