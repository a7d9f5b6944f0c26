"""The command line put together: wrong use becomes a sentence and exit code 2, whatever the verb."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from facilitator.cli.answer import envelope
from facilitator.cli.commands import GROUPS
from facilitator.cli.context import Composer, Context
from facilitator.errors import ConfigurationError

WrongUse: Any = typer.BadParameter.__base__
"""Every wrong use of the command line, from whichever click this release of typer brings along."""

HELP = "Stand-ups, weekly statuses and retros from your Asana board: one comment, true, approved, and never twice."


def run_cli(argv: Sequence[str], compose: Composer, ceremonies: Callable[[], tuple[str, ...]]) -> int:
    """Run one verb; gives the exit code.

    `compose` builds the application from settings when a verb needs it; `ceremonies` names those there are.
    """
    app = build(Context(compose, ceremonies))
    try:
        code = app(args=list(argv), prog_name="runner.py", standalone_mode=False)
    except WrongUse as error:
        return _wrong(error.format_message(), as_json="--json" in argv)
    except (typer.Abort, KeyboardInterrupt):
        return 1
    return int(code or 0)


def _wrong(message: str, *, as_json: bool) -> int:
    """Tell of a wrong use. It has no message where the verb is missing: then the help was printed instead."""
    wrong = ConfigurationError(message, suggestion="`runner.py --help` shows the verbs.")
    if as_json:
        print(envelope(error=wrong))
    elif message:
        print(f"error: {wrong.message}\n  {wrong.suggestion}", file=sys.stderr)
    return wrong.exit_code


def build(context: Context) -> typer.Typer:
    """The command tree over one context."""
    # Plain help: with markup every `--help` would load a Markdown parser, four times as long as the rest of it takes.
    app = typer.Typer(
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def options(
        config: Annotated[
            Path | None,
            typer.Option("--config", envvar="FACILITATOR_CONFIG", help="Path of facilitator.toml."),
        ] = None,
    ) -> None:
        context.config = config

    for group in GROUPS:
        group.add(app, context)
    return app
