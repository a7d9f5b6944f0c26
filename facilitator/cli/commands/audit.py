"""Verbs audit verify, export: the sealed chain of what happened."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""
    audit = typer.Typer(help="The sealed chain of what happened.", no_args_is_help=True)
    app.add_typer(audit, name="audit")

    @audit.command("verify")
    def audit_verify(
        expect: Annotated[
            str, typer.Option(help="A head printed by an earlier verification (SEQ:HASH).")
        ] = "",
        as_json: Json = False,
    ) -> None:
        """Recompute the chain and compare the run log with it; the first altered row is named."""
        from facilitator.cli.audit import verify as work

        deliver(as_json, lambda: work(context, expect))

    @audit.command("export")
    def audit_export(
        since: Annotated[str, typer.Option(help="Only from this instant on, ISO 8601 with a zone.")] = "",
        as_json: Json = False,
    ) -> None:
        """Print the chain as JSON Lines, oldest first."""
        from facilitator.cli.audit import export as work

        deliver(as_json, lambda: work(context, since, as_json=as_json))
