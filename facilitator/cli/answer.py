"""One way out for every verb: the JSON envelope or plain text, and the exit code.

    {"ok": true, "data": ..., "error": null}
    {"ok": false, "data": null, "error": {"code", "message", "suggestion", "retryable"}}

Exit 0 is fine, 1 a failed check or run, 2 wrong use. No traceback ever reaches a user.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import typer

from facilitator.errors import FacilitatorError
from facilitator.unseen import on_screen


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb found out: `data` for --json, `text` for people, and a failure's error where it failed."""

    data: Any
    text: str = ""
    failed: FacilitatorError | None = None


def deliver(as_json: bool, work: Callable[[], Answer]) -> None:
    """Do a verb's work and print its answer; leaves by `typer.Exit` unless all went well."""
    try:
        answer = work()
    except FacilitatorError as error:
        _leave(error, as_json, data=None)
    except KeyboardInterrupt:
        _leave(
            FacilitatorError("stopped by Ctrl-C.", suggestion="`runs list` shows where each run stands."),
            as_json,
            None,
        )
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - the one place where anything unforeseen becomes a sentence
        if os.environ.get("FACILITATOR_DEBUG"):
            traceback.print_exc()
        _leave(
            FacilitatorError(
                f"something unforeseen went wrong: {type(error).__name__}: {error}",
                suggestion="Nothing recorded was lost. Set FACILITATOR_DEBUG=1 to see where, and please report it.",
            ),
            as_json,
            data=None,
        )
    else:
        if answer.failed is not None:
            if answer.text and not as_json:
                say(answer.text)
            _leave(answer.failed, as_json, data=answer.data)
        say(envelope(data=answer.data) if as_json else answer.text)


def envelope(*, data: Any = None, error: FacilitatorError | None = None) -> str:
    """The one JSON shape every verb prints."""
    told = None
    if error is not None:
        told = {
            "code": error.code,
            "message": error.message,
            "suggestion": error.suggestion,
            "retryable": error.retryable,
        }
    return json.dumps(
        {"ok": error is None, "data": data, "error": told}, ensure_ascii=False, indent=2, default=str
    )


def say(text: str) -> None:
    """Print to people or to a pipe, nothing hidden; a reader who went away is no error."""
    if not text:
        return
    try:
        print(on_screen(text), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(error: FacilitatorError, as_json: bool, data: Any) -> NoReturn:
    if as_json:
        say(envelope(data=data, error=error))
    else:
        print(on_screen(f"error: {error.message}"), file=sys.stderr)
        if error.suggestion:
            print(on_screen(f"  {error.suggestion}"), file=sys.stderr)
    raise typer.Exit(error.exit_code)
