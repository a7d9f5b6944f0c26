"""From pydantic's errors to faults in the words of the person who wrote the file.

Stands between `shape` and `load`. It decides no fault: it names one, and says what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from facilitator.settings.faults import Found, KeyPath, Refused
from facilitator.settings.nearest import did_you_mean, one_of, quoted
from facilitator.settings.shape import RootShape

_KINDS = {
    "string_type": "must be text in quotes.",
    "int_type": "must be a whole number.",
    "bool_type": "must be true or false.",
    "list_type": "must be a list in square brackets.",
    "date_type": "must be a date such as 2026-12-24, without quotes.",
    "dict_type": "must be a table.",
    "model_type": "must be a table.",
    "string_too_short": "must not be empty.",
    "too_short": "must not be empty.",
}
_SECRET_WORDS = ("token", "api_key", "apikey", "secret", "password")


def faults_of(error: ValidationError) -> Iterator[Found]:
    """One fault for each of pydantic's errors."""
    for detail in error.errors(include_url=False):
        yield _fault(detail)


def _fault(detail: ErrorDetails) -> Found:
    path: KeyPath = tuple(part for part in detail["loc"] if part != "[key]")
    kind, context = detail["type"], detail.get("ctx", {})
    refused = context.get("error")
    if isinstance(refused, Refused):
        return Found(path, refused.message, refused.suggestion)
    match kind:
        case "missing":
            return Found(path, f"{quoted(path[-1])} is missing.", _MISSING.get(str(path[-1]), ""))
        case "extra_forbidden":
            return _unknown_key(path)
        case "greater_than_equal":
            return Found(path, f"must be at least {context['ge']}.")
        case "less_than_equal":
            return Found(path, f"must be at most {context['le']}.")
        case "literal_error":
            return _unknown_word(path, detail["input"])
        case "string_pattern_mismatch" if context["pattern"] == r"\{n\}":
            return Found(path, "must hold {n}, the sprint's number.", 'Write it as "Sprint {n}".')
        case "string_pattern_mismatch":
            return Found(path, "must be one line of visible text.")
    return Found(path, _KINDS.get(kind, f"{detail['msg'].lower().rstrip('.')}."))


_MISSING = {
    "teams": "Add a team: [[teams]] with slug, project and zone; `facilitator init` writes a first one.",
    "project": "Add the Asana project's gid, the long number in its address.",
    "zone": 'Add one such as zone = "Europe/Berlin".',
    "slug": 'Add a short name such as slug = "payments".',
}


def _unknown_key(path: KeyPath) -> Found:
    key = str(path[-1])
    known = list(_shape_at(path[:-1]).model_fields)
    if any(word in key.lower() for word in _SECRET_WORDS):
        hint = "Secrets do not belong in this file: set ASANA_ACCESS_TOKEN or ANTHROPIC_API_KEY in the environment."
    else:
        hint = did_you_mean(key, known) or f"Known here: {', '.join(known)}."
    return Found(path, f"unknown key {quoted(key)}.", hint)


def _unknown_word(path: KeyPath, value: Any) -> Found:
    words = _words(_shape_at(path[:-1]).model_fields.get(str(path[-1])))
    if not words:  # the values of a table, such as states: the words are the table's own
        words = _words(_shape_at(path[:-2]).model_fields.get(str(path[-2])))
    hint = did_you_mean(value, words) if isinstance(value, str) else ""
    # All words too: "doing" looks like "done" and means something else.
    return Found(path, f"{quoted(value)} is not known here.", f"{hint} {one_of(words)}".strip())


def _words(field: Any) -> list[str]:
    return [word for word in _leaves(field.annotation) if isinstance(word, str)] if field is not None else []


def _shape_at(path: KeyPath) -> type[BaseModel]:
    """The table's model: follow the path's keys; list entries and free names stay within their field's model."""
    shape: type[BaseModel] = RootShape
    for part in path:
        field = shape.model_fields.get(part) if isinstance(part, str) else None
        for leaf in _leaves(field.annotation) if field else ():
            if isinstance(leaf, type) and issubclass(leaf, BaseModel):
                shape = leaf
    return shape


def _leaves(annotation: Any) -> Iterator[Any]:
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for part in inner:
        yield from _leaves(part)
