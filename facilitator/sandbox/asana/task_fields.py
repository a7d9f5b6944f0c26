"""The writable fields of a task: what each accepts and what follows from setting it.

Owns one setter per field (or group of fields that belong together). A setter that changes nothing leaves no trace. Custom fields have
a room of their own.
"""

from collections.abc import Callable
from typing import Any

from facilitator.sandbox.asana.calls import Call
from facilitator.sandbox.asana.custom_values import set_custom_fields
from facilitator.sandbox.asana.effects import Edit
from facilitator.sandbox.asana.errors import bad
from facilitator.sandbox.asana.links import resolver
from facilitator.sandbox.asana.reading import find_user
from facilitator.sandbox.asana.richtext import NOTE_TAGS, read_rich_text
from facilitator.sandbox.asana.values import read_bool, read_day, read_instant, read_text, written
from facilitator.sandbox.asana.world import Record

SUBTYPES = ("default_task", "milestone", "approval")
APPROVAL = ("pending", "approved", "rejected", "changes_requested")
DATES = ("start_on", "start_at", "due_on", "due_at")


def set_fields(call: Call, edit: Edit) -> None:
    """Apply every field of the body, in an order that lets a subtype come before its status."""
    data = call.data
    for name, setter in SETTERS.items():
        if name in data:
            setter(call, edit, data[name])
    if any(name in data for name in DATES):
        _set_dates(edit, data)


def _set_subtype(_call: Call, edit: Edit, value: Any) -> None:
    if value == "custom":
        raise bad("resource_subtype: custom task types are not modelled by the sandbox")
    if value not in SUBTYPES:
        raise bad(f"resource_subtype: Value is not one of {', '.join(SUBTYPES)}: {value}")
    old = edit.task["resource_subtype"]
    if old == value:
        return
    edit.task["resource_subtype"] = value
    edit.task["approval_status"] = "pending" if value == "approval" else None
    edit.changed(
        "resource_subtype", "resource_subtype_changed", old_resource_subtype=old, new_resource_subtype=value
    )


def _set_name(_call: Call, edit: Edit, value: Any) -> None:
    old, new = edit.task["name"], read_text(value, "name")
    if old != new:
        edit.task["name"] = new
        edit.changed("name", "name_changed", old_name=old, new_name=new)


def _set_notes(_call: Call, edit: Edit, value: Any) -> None:
    _replace_notes(edit, read_text(value, "notes"), None)


def _set_html_notes(call: Call, edit: Edit, value: Any) -> None:
    if "notes" in call.data:
        raise bad("You may only provide one of notes or html_notes!")
    rich = read_rich_text(read_text(value, "html_notes"), NOTE_TAGS, resolver(call.world), "html_notes")
    _replace_notes(edit, rich.text, rich.html)


def _replace_notes(edit: Edit, text: str, html: str | None) -> None:
    if (edit.task["notes"], edit.task["html_notes"]) != (text, html):
        edit.task.update(notes=text, html_notes=html)
        edit.changed("notes", "notes_changed")


def _set_assignee(call: Call, edit: Edit, value: Any) -> None:
    old = edit.task["assignee"]
    new = None if value is None else {"gid": find_user(call, read_text(value, "assignee"), "assignee")["gid"]}
    if old == new or (old and new and old["gid"] == new["gid"]):
        return
    edit.task["assignee"] = new
    if new is None:
        edit.changed("assignee", "unassigned", assignee=old)
        return
    follow(edit.task, new["gid"])
    edit.changed("assignee", "assigned", assignee=new)


def follow(task: Record, user_gid: str) -> None:
    """Make someone a follower, once."""
    if all(follower["gid"] != user_gid for follower in task["followers"]):
        task["followers"] = [*task["followers"], {"gid": user_gid}]


def _set_completed(_call: Call, edit: Edit, value: Any) -> None:
    completed = read_bool(value, "completed")
    if edit.task["completed"] == completed:
        return
    if edit.task["resource_subtype"] == "approval":
        _decide(edit, "approved" if completed else "pending")
    else:
        _complete(edit, completed=completed)


def _set_approval_status(_call: Call, edit: Edit, value: Any) -> None:
    if edit.task["resource_subtype"] != "approval":
        raise bad("approval_status: Only a task of the subtype approval has one")
    if value not in APPROVAL:
        raise bad(f"approval_status: Value is not one of {', '.join(APPROVAL)}: {value}")
    if edit.task["approval_status"] != value:
        _decide(edit, value)


def _decide(edit: Edit, status: str) -> None:
    """Set an approval: every answer but pending completes the task, a refusal too.

    That an approval tells `approval_status_changed` beside the completion is seen in client code, not documented.
    """
    old = edit.task["approval_status"]
    edit.task["approval_status"] = status
    edit.changed(
        "approval_status", "approval_status_changed", old_approval_status=old, new_approval_status=status
    )
    if edit.task["completed"] != (status != "pending"):
        _complete(edit, completed=status != "pending")


def _complete(edit: Edit, *, completed: bool) -> None:
    edit.task.update(
        completed=completed,
        completed_at=edit.world.now() if completed else None,
        completed_by={"gid": edit.actor} if completed else None,
    )
    edit.changed("completed", "marked_complete" if completed else "marked_incomplete")


def _set_dates(edit: Edit, data: Record) -> None:
    if data.get("due_on") and data.get("due_at"):
        raise bad("You may only provide one of due_on or due_at!")
    if data.get("start_on") and data.get("start_at"):
        raise bad("You may only provide one of start_on or start_at!")
    if (data.get("start_on") or data.get("start_at")) and not (data.get("due_on") or data.get("due_at")):
        raise bad("start_on: You must provide a due date together with a start date")
    old = {name: edit.task[name] for name in DATES}
    new = {**old, **{name: _read_date(name, data[name]) for name in DATES if name in data}}
    for day, instant in (("due_on", "due_at"), ("start_on", "start_at")):
        if data.get(day) or (day in data and instant not in data):
            new[instant] = None
        elif data.get(instant):
            new[day] = new[instant][:10]  # in UTC; the real service's zone is not published
    if new != old:
        edit.task.update(new)
        edit.changed("due_on", "due_date_changed", old_dates=_shown(old), new_dates=_shown(new))


def _read_date(name: str, value: Any) -> str | None:
    if value is None:
        return None
    return read_day(value, name) if name.endswith("_on") else written(read_instant(value, name))


def _shown(dates: Record) -> Record | None:
    shown = {name: dates[name] for name in ("start_on", "due_on", "due_at")}
    return shown if any(shown.values()) else None


def _set_liked(_call: Call, edit: Edit, value: Any) -> None:
    others = [like for like in edit.task["likes"] if like["user"]["gid"] != edit.actor]
    mine = {"gid": edit.world.new_gid(), "user": {"gid": edit.actor}}
    edit.task["likes"] = [*others, mine] if read_bool(value, "liked") else others


def _set_custom_fields(_call: Call, edit: Edit, value: Any) -> None:
    set_custom_fields(edit, value)


SETTERS: dict[str, Callable[[Call, Edit, Any], None]] = {
    "resource_subtype": _set_subtype,
    "name": _set_name,
    "notes": _set_notes,
    "html_notes": _set_html_notes,
    "assignee": _set_assignee,
    "approval_status": _set_approval_status,
    "completed": _set_completed,
    "custom_fields": _set_custom_fields,
    "liked": _set_liked,
}
