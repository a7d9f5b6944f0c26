"""Verbs purge and people: how long what is stored is kept, and what is stored of one person."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""

    @app.command()
    def purge(
        dry_run: Annotated[bool, typer.Option(help="Only count what is due.")] = False,
        as_json: Json = False,
    ) -> None:
        """Purge what has been kept for its time in [retention]; `serve` does the same every hour."""
        from facilitator.cli.keeping import purge as work

        deliver(as_json, lambda: work(context, dry_run=dry_run))

    people = typer.Typer(help="What is stored of one person.", no_args_is_help=True)
    app.add_typer(people, name="people")

    @people.command("export")
    def people_export(
        gid: Annotated[str, typer.Argument(help="The person's Asana gid.")], as_json: Json = False
    ) -> None:
        """Print everything the run log holds of one person, as JSON."""
        from facilitator.cli.keeping import exported as work

        deliver(as_json, lambda: work(context, gid))

    @people.command("erase")
    def people_erase(
        gid: Annotated[str, typer.Argument(help="The person's Asana gid.")],
        yes: Annotated[
            bool, typer.Option("--yes", help="It cannot be undone; without this nothing is done.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Take one person's names and texts out of every run that has ended; counts and the audit chain stay."""
        from facilitator.cli.keeping import erased as work

        deliver(as_json, lambda: work(context, gid, sure=yes))
