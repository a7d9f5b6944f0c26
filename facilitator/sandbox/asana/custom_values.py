"""Writing custom field values: what each kind of field takes, and the story of its change.

Owns the reading of `{"custom_fields": {"FIELD": value}}`. null clears a field of any kind; a locked field is a 403.
"""

from collections.abc import Callable
from typing import Any

from facilitator.sandbox.asana.effects import Edit
from facilitator.sandbox.asana.errors import ApiError, bad
from facilitator.sandbox.asana.values import read_day, read_gid, read_instant, read_text, written
from facilitator.sandbox.asana.world import Record, World

MEMBERS = {
    "number": "number_value",
    "text": "text_value",
    "enum": "enum_value",
    "multi_enum": "multi_enum_values",
    "date": "date_value",
    "people": "people_value",
}
LONGEST_TEXT = 1024


def set_custom_fields(edit: Edit, values: Any) -> None:
    """Set values by field gid. Every value is read before the first is set."""
    if not isinstance(values, dict):
        raise bad("custom_fields: Value is not an object of field gids")
    fields = [(_field(edit, gid), value) for gid, value in values.items()]
    read = [(field, _read(edit.world, field, value)) for field, value in fields]
    for field, value in read:
        _set(edit, field, value)


def _field(edit: Edit, gid: str) -> Record:
    field = edit.world.find("custom_field", gid, "custom_fields")
    projects = [edit.world.find("project", m["project"]["gid"]) for m in edit.task["memberships"]]
    settings = [setting for project in projects for setting in project["custom_field_settings"]]
    if all(setting["custom_field"]["gid"] != gid for setting in settings):
        raise bad(f"custom_fields: Custom field with ID {gid} is not on given object")
    if field.get("is_value_read_only"):
        raise ApiError(403, f"custom_fields: {gid}: This custom field is locked")
    return field


def _read(world: World, field: Record, value: Any) -> Any:
    kind = field["resource_subtype"]
    if kind not in READERS:
        raise ApiError(501, f"The sandbox does not model custom fields of the kind {kind}.")
    return None if value is None else READERS[kind](world, field, value)


def _set(edit: Edit, field: Record, value: Any) -> None:
    gid, kind = field["gid"], field["resource_subtype"]
    member = MEMBERS[kind]
    old = edit.task["custom_fields"].get(gid, {}).get(member)
    if (old or None) == (value or None) and (old == 0) == (value == 0):
        return
    others = {known: entry for known, entry in edit.task["custom_fields"].items() if known != gid}
    edit.task["custom_fields"] = others if value is None else {**others, gid: {"gid": gid, member: value}}
    edit.changed(
        "custom_fields",
        f"{kind}_custom_field_changed",
        custom_field={"gid": gid},
        **{f"old_{member}": old, f"new_{member}": value},
    )


def _number(_world: World, field: Record, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad(f"custom_fields: {field['gid']}: Value is not a number: {value}")
    return value


def _text(_world: World, field: Record, value: Any) -> str:
    text = read_text(value, f"custom_fields: {field['gid']}")
    if len(text) > LONGEST_TEXT:
        raise bad(f"custom_fields: {field['gid']}: Text is longer than {LONGEST_TEXT} characters")
    return text


def _option(_world: World, field: Record, value: Any) -> Record:
    gid = read_gid(value, f"custom_fields: {field['gid']}")
    option = next((o for o in field.get("enum_options", []) if o["gid"] == gid), None)
    if option is None or not option.get("enabled", True):
        raise bad(f"custom_fields: {field['gid']}: Not an enabled option of this field: {gid}")
    return {"gid": gid}


def _options(world: World, field: Record, value: Any) -> list[Record]:
    return [_option(world, field, gid) for gid in _list(field, value)]


def _people(world: World, field: Record, value: Any) -> list[Record]:
    return [{"gid": world.find("user", gid, "custom_fields")["gid"]} for gid in _list(field, value)]


def _date(_world: World, field: Record, value: Any) -> Record:
    label = f"custom_fields: {field['gid']}"
    if not isinstance(value, dict) or len(value) != 1 or set(value) - {"date", "date_time"}:
        raise bad(f"{label}: Value is not an object with either date or date_time")
    if "date" in value:
        return {"date": read_day(value["date"], label), "date_time": None}
    instant = written(read_instant(value["date_time"], label))
    return {"date": instant[:10], "date_time": instant}


def _list(field: Record, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise bad(f"custom_fields: {field['gid']}: Value is not a list")
    return value


READERS: dict[str, Callable[[World, Record, Any], Any]] = {
    "number": _number,
    "text": _text,
    "enum": _option,
    "multi_enum": _options,
    "date": _date,
    "people": _people,
}
