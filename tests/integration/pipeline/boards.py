"""Small boards for one rule each, as workspace packs: a project called Harbour with tasks in three sections."""

from typing import Any

PROJECT, FIELD, ACTIVE = "700", "600", "602"
AS_OF = "2026-06-10T07:15:00.000Z"
LONG_AGO, IN_WINDOW = "2026-03-02T09:00:00.000Z", "2026-06-09T12:00:00.000Z"
SECTIONS = {"To do": "801", "In progress": "802", "Done": "803"}
SPRINT = "Sprint 12"


def board(
    tasks: list[dict[str, Any]], stories: dict[str, list[dict[str, Any]]] | None = None
) -> dict[str, Any]:
    """A pack of these tasks; the sprint runs from 1 to 12 June."""
    return {
        "format": "asana-workspace-pack/1",
        "name": "harbour",
        "as_of": AS_OF,
        "workspace": {"gid": "500", "name": "Harbour Ltd", "is_organization": True},
        "teams": [{"gid": "501", "name": "Harbour", "organization": {"gid": "500"}}],
        "users": [{"gid": "901", "name": "Alice"}, {"gid": "902", "name": "Bob"}],
        "projects": [
            {
                "gid": PROJECT,
                "name": "Harbour",
                "team": {"gid": "501"},
                "workspace": {"gid": "500"},
                "members": [{"gid": "901"}, {"gid": "902"}],
                "custom_field_settings": [{"gid": "610", "custom_field": {"gid": FIELD}}],
            }
        ],
        "sections": [
            {"gid": gid, "name": name, "project": {"gid": PROJECT}} for name, gid in SECTIONS.items()
        ],
        "custom_fields": [
            {
                "gid": FIELD,
                "name": "Sprint",
                "resource_subtype": "enum",
                "enum_options": [{"gid": ACTIVE, "name": SPRINT, "enabled": True}],
                "description": f"{SPRINT} | 2026-06-01T07:00:00.000Z | 2026-06-12T15:00:00.000Z | ",
            }
        ],
        "tasks": tasks,
        "stories": stories or {},
    }


def task(gid: int, name: str, section: str = "To do", **more: Any) -> dict[str, Any]:
    """One task that nobody has touched for months, unless `more` says otherwise."""
    return {
        "gid": str(gid),
        "name": name,
        "created_at": LONG_AGO,
        "modified_at": LONG_AGO,
        "created_by": {"gid": "901"},
        "memberships": [{"project": {"gid": PROJECT}, "section": {"gid": SECTIONS[section]}}],
        "custom_fields": [{"gid": FIELD, "enum_value": {"gid": ACTIVE}}],
        **more,
    }


def moved(gid: int, name: str, **more: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A task that somebody took up within the window, with its story."""
    story = {
        "gid": f"99{gid}",
        "type": "system",
        "resource_subtype": "section_changed",
        "created_at": IN_WINDOW,
        "created_by": {"gid": "902"},
        "old_section": {"gid": SECTIONS["To do"]},
        "new_section": {"gid": SECTIONS["In progress"]},
    }
    return task(gid, name, "In progress", modified_at=IN_WINDOW, **more), [story]
