"""Requests and answers against Asana's published API description: a plain sentence for whatever does not fit.

The description is a large file that may be absent: `available()` says so, and tests skip. What is read out of it: which paths and
parameters exist, and the schemas of bodies. It is used with judgement where the description is known to be loose or wrong:
nulls are let through (it marks few of them), read-only members are refused in requests, custom field values may be other than text,
and error answers need only Asana's error shape.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "reference" / "asana_oas.yaml"
ABSENT = "the published API description (../shared/reference/asana_oas.yaml) is not here"
PREFIX = "/api/1.0"
# Accepted by the live service and sent by official clients on lists, though the description leaves it out for some.
TOLERATED = {"limit", "offset"}
MOST_SHOWN = 5
# The description calls these integers; the live service stores fractions in them.
FRACTIONS = {"old_number_value", "new_number_value"}
# Answered by the live service although the description's records lack them.
UNPUBLISHED = {"html_text"}


def available() -> bool:
    """Whether the description is there to be read."""
    return DESCRIPTION.is_file()


def validate_request(method: str, path: str, query: Mapping[str, Any], body: Any) -> None:
    """Raise AssertionError unless the description knows this call, its query and the members of its body."""
    template, operation = _operation(method, path)
    where = f"{method} {template}"
    parameters = _parameters(template, operation)
    _check_query(where, parameters, query)
    schema = _request_schema(operation)
    if schema is None or (isinstance(body, str) and body.startswith("[")):
        return
    if method in ("GET", "DELETE"):
        return
    assert isinstance(body, dict), f"{where}: the body is {body!r}, not a JSON object"
    stray = set(body) - {"data", "options"}
    assert not stray, f"{where}: stray top-level keys {sorted(stray)}"
    data, members = body.get("data"), _members(_properties(schema)["data"])
    assert isinstance(data, dict), f"{where}: no data object in the body"
    _check_written(where, data, members)


def validate_response(method: str, path: str, status: int, body: Any) -> None:
    """Raise AssertionError unless the answer is what the description says for this call and status."""
    if status >= 400:
        _check_error(f"{method} {path}: {status}", body)
        return
    template, operation = _operation(method, path)
    where = f"{method} {template}: {status}"
    responses = {str(code): response for code, response in operation["responses"].items()}
    assert str(status) in responses, f"{where} is not declared; declared are {sorted(responses)}"
    content = _resolved(responses[str(status)]).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is not None:
        _check_schema(where, body, schema)
        data = _properties(schema).get("data")
        if data is not None:
            _check_shown(where, body["data"], data)


def _check_shown(where: str, data: Any, schema: Any) -> None:
    """Judge the members of the answer itself by the full record: with opt_fields a list shows more than its compact form."""
    listed = isinstance(data, list)
    full = _full_record(_resolved(schema).get("items", {}) if listed else schema)
    known = set(_properties(full)) if full is not None else set()
    for entry in data if listed else [data]:
        unknown = set(entry) - known - UNPUBLISHED
        assert not known or not unknown, f"{where}: members nobody published: {sorted(unknown)}"
        if full is not None:
            _check_schema(where, entry, full)


def _full_record(schema: Any) -> Any:
    """Answer the full schema beside a compact one; None where the description has several kinds in one place."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    full = f"{name.removesuffix('Compact')}Response"
    if name.endswith("Compact") and full in _description()["components"]["schemas"]:
        return {"$ref": f"#/components/schemas/{full}"}
    return None if "anyOf" in _resolved(schema) else schema


def _is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


@cache
def _formats() -> FormatChecker:
    checker = FormatChecker()
    checker.checks("date-time")(_is_instant)
    return checker


@cache
def _description() -> dict[str, Any]:
    with DESCRIPTION.open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.load(file, Loader=yaml.CSafeLoader)
    return loaded


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    # Fixed paths first, so that /users/me style words never hide behind a placeholder.
    paths = sorted(_description()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths]


def _operation(method: str, path: str) -> tuple[str, dict[str, Any]]:
    bare = path.removeprefix(PREFIX)
    for pattern, template in _patterns():
        operations = _description()["paths"][template]
        if pattern.fullmatch(bare) and method.lower() in operations:
            return template, operations[method.lower()]
    raise AssertionError(f"{method} {bare}: the published description has no such call")


def _resolved(entry: Any) -> dict[str, Any]:
    while "$ref" in entry:
        target: Any = _description()
        for part in entry["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        entry = target
    return dict(entry)


def _parameters(template: str, operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    shared = _description()["paths"][template].get("parameters", [])
    found = [_resolved(entry) for entry in [*shared, *operation.get("parameters", [])]]
    return {entry["name"]: entry for entry in found if entry["in"] == "query"}


def _check_query(where: str, parameters: dict[str, dict[str, Any]], query: Mapping[str, Any]) -> None:
    unknown = set(query) - set(parameters) - TOLERATED
    assert not unknown, f"{where}: unknown query parameters {sorted(unknown)}"
    missing = {name for name, entry in parameters.items() if entry.get("required")} - set(query)
    assert not missing, f"{where}: missing query parameters {sorted(missing)}"
    limit = query.get("limit")
    assert limit is None or 1 <= int(limit) <= 100, f"{where}: limit is {limit}, not 1 to 100"


def _request_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    content = _resolved(operation.get("requestBody", {})).get("content", {})
    schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return schema


def _properties(schema: Any) -> dict[str, Any]:
    """Collect the members of a schema, those of its parts included."""
    whole = _resolved(schema)
    collected: dict[str, Any] = {}
    for part in whole.get("allOf", []):
        collected.update(_properties(part))
    collected.update(whole.get("properties", {}))
    return collected


def _members(schema: Any) -> dict[str, dict[str, Any]]:
    return {name: _resolved(member) for name, member in _properties(schema).items()}


def _check_written(where: str, data: dict[str, Any], members: dict[str, dict[str, Any]]) -> None:
    unknown = set(data) - set(members)
    assert not unknown, f"{where}: unknown members {sorted(unknown)}"
    for name, value in data.items():
        # `memberships` is create-only yet marked read-only: the description contradicts its own text there.
        if members[name].get("readOnly") and name != "memberships":
            raise AssertionError(f"{where}: {name} is read-only")
        if name not in ("custom_fields", "memberships"):
            _check_schema(f"{where}: {name}", value, members[name])


def _check_error(where: str, body: Any) -> None:
    errors = body.get("errors") if isinstance(body, dict) else None
    assert isinstance(errors, list), f"{where}: no list of errors in {body!r}"
    assert errors, f"{where}: an empty list of errors"
    assert all(isinstance(error.get("message"), str) for error in errors), f"{where}: an error has no message"


def _check_schema(where: str, value: Any, schema: Any) -> None:
    validator = Draft202012Validator(_converted(schema), format_checker=_formats())
    faults = sorted(validator.iter_errors(value), key=lambda fault: list(map(str, fault.absolute_path)))
    lines = [
        f"  {'.'.join(map(str, fault.absolute_path)) or '(whole)'}: {fault.message[:200]}"
        for fault in faults[:MOST_SHOWN]
    ]
    assert not faults, "\n".join([f"{where} does not fit the description:", *lines])


def _converted(schema: Any, depth: int = 0) -> dict[str, Any]:
    """Turn a schema of the description into JSON Schema: references followed, nulls let through, enums kept for values only."""
    whole = _resolved(schema)
    if depth > 8:
        return {}
    converted: dict[str, Any] = {}
    properties = _properties(whole)
    if properties:
        converted["properties"] = {
            name: {"type": ["number", "null"]} if name in FRACTIONS else _converted(member, depth + 1)
            for name, member in properties.items()
        }
    if "items" in whole:
        converted["items"] = _converted(whole["items"], depth + 1)
    if "anyOf" in whole:
        converted["anyOf"] = [_converted(part, depth + 1) for part in whole["anyOf"]]
    kind = "object" if properties else whole.get("type")
    if kind is not None:
        converted["type"] = [kind, "null"]
    if "enum" in whole:
        converted["enum"] = [*whole["enum"], None]
    if whole.get("format") in ("date", "date-time"):
        converted["format"] = whole["format"]
    return converted
