"""From Asana's JSON to our types: tasks, people, sections, custom fields.

Owns the choice of what a record means: which membership is ours, which member of a custom field is its value. A broken
record raises `BrokenRecord`. It calls nobody and drops nothing; `reading.py` counts what could not be understood.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from facilitator.asana import wire
from facilitator.asana.wire import BrokenRecord, Raw
from facilitator.board.snapshot import (
    CustomField,
    EnumOption,
    FieldGid,
    FieldValue,
    OptionGid,
    ProjectGid,
    Section,
    SectionGid,
    Task,
    TaskGid,
    User,
    UserGid,
)


def parse_user(raw: Raw) -> User:
    """A person; the name is empty where the person left or is hidden from us."""
    return User(UserGid(wire.gid(raw)), wire.text(raw, "name"))


def parse_section(raw: Raw) -> Section:
    """A column of the board."""
    return Section(SectionGid(wire.gid(raw)), wire.text(raw, "name"))


def parse_custom_field(setting: Raw) -> CustomField:
    """The field behind one of the project's custom field settings, disabled options included."""
    raw = wire.inner(setting, "custom_field")
    if raw is None:
        raise BrokenRecord("no custom_field")
    return CustomField(
        gid=FieldGid(wire.gid(raw)),
        name=wire.text(raw, "name"),
        kind=wire.text(raw, "resource_subtype"),
        options=tuple(
            EnumOption(
                OptionGid(wire.gid(option)),
                wire.text(option, "name"),
                wire.truth(option, "enabled", default=True),
            )
            for option in wire.inners(raw, "enum_options")
        ),
        description=wire.text(raw, "description"),
    )


def parse_task(raw: Raw, project: ProjectGid, *, on_bad_value: Callable[[str], None]) -> Task:
    """One task as our project sees it, without its history.

    A custom field's value that cannot be understood is left empty and reported with the field's gid: losing one
    value is better than losing the task.
    """
    created_at = wire.needed_instant(raw, "created_at")
    task = TaskGid(wire.gid(raw))
    return Task(
        gid=task,
        name=wire.text(raw, "name"),
        created_at=created_at,
        modified_at=wire.instant(raw, "modified_at") or created_at,
        section=own_section(raw, project),
        assignee=_user(raw, "assignee"),
        completed=wire.truth(raw, "completed"),
        completed_at=wire.instant(raw, "completed_at"),
        due_on=wire.day(raw, "due_on"),
        due_at=wire.instant(raw, "due_at"),
        start_on=wire.day(raw, "start_on"),
        parent=_task(raw, "parent"),
        dependencies=tuple(TaskGid(gid) for gid in wire.references(raw, "dependencies") or ()),
        tags=tuple(wire.text(tag, "name") for tag in wire.inners(raw, "tags")),
        fields=dict(_field_values(raw, on_bad_value)),
        subtype=wire.text(raw, "resource_subtype") or "default_task",
        notes=wire.text(raw, "notes"),
        url=wire.text(raw, "permalink_url"),
        created_by=_user(raw, "created_by"),
        stories_read=False,
    )


def own_section(raw: Raw, project: ProjectGid) -> SectionGid | None:
    """The task's section in our project: tasks live on several boards, and ours need not come first."""
    for membership in wire.inners(raw, "memberships"):
        if wire.reference(membership, "project") == project:
            section = wire.reference(membership, "section")
            return None if section is None else SectionGid(section)
    return None


def homes(raw: Raw, projects: Collection[str]) -> dict[str, SectionGid | None]:
    """Those of these projects that the task is in, each with its section there."""
    found: dict[str, SectionGid | None] = {}
    for membership in wire.inners(raw, "memberships"):
        project, section = wire.reference(membership, "project"), wire.reference(membership, "section")
        if project in projects:
            found[str(project)] = None if section is None else SectionGid(section)
    return found


def is_separator(raw: Raw) -> bool:
    """Tell whether a task is a line drawn between tasks.

    Old list projects also have separators whose names end in a colon; those look like real tasks to the API, and a
    real task may end in a colon, so the name decides nothing here.
    """
    return raw.get("is_rendered_as_separator") is True or raw.get("resource_subtype") == "section"


def people_in(raw: Raw) -> Iterator[User]:
    """The people a task names, for the list of names."""
    for key in ("assignee", "created_by"):
        person = wire.inner(raw, key)
        if person is not None:
            yield parse_user(person)


def field_value(raw: Raw) -> FieldValue:
    """The value of one custom field, by its kind; an unknown kind gives what Asana would show, as text."""
    kind = raw.get("resource_subtype")
    reader = VALUE_READERS.get(kind) if isinstance(kind, str) else None
    if reader is not None:
        return reader(raw)
    return _shown(raw)


def _number(raw: Raw) -> FieldValue:
    return wire.number(raw, "number_value")


def _text(raw: Raw) -> FieldValue:
    return wire.text(raw, "text_value") or None


def _shown(raw: Raw) -> FieldValue:
    # Formulas and kinds to come have no agreed member: a number if there is one, else the words on the screen.
    value = wire.number(raw, "number_value")
    return value if value is not None else wire.text(raw, "display_value") or None


VALUE_READERS: dict[str, Callable[[Raw], FieldValue]] = {
    "number": _number,
    "text": _text,
    "enum": lambda raw: wire.reference(raw, "enum_value"),
    "multi_enum": lambda raw: wire.references(raw, "multi_enum_values"),
    "date": lambda raw: wire.moment(wire.inner(raw, "date_value")),
    "people": lambda raw: wire.references(raw, "people_value"),
    "reference": lambda raw: wire.references(raw, "reference_value"),
}


def _field_values(raw: Raw, on_bad_value: Callable[[str], None]) -> Iterator[tuple[FieldGid, FieldValue]]:
    for entry in wire.inners(raw, "custom_fields"):
        field = FieldGid(wire.gid(entry))
        # `enabled: false`: the field was taken off the project, what is left of it is not the team's word any more.
        if entry.get("enabled") is False:
            continue
        try:
            yield field, field_value(entry)
        except BrokenRecord:
            on_bad_value(field)


def _user(raw: Raw, key: str) -> UserGid | None:
    found = wire.reference(raw, key)
    return None if found is None else UserGid(found)


def _task(raw: Raw, key: str) -> TaskGid | None:
    found = wire.reference(raw, key)
    return None if found is None else TaskGid(found)
