"""Verbs approvals list, approve, reject: decisions on drafts."""

from __future__ import annotations

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import By, Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""
    approvals = typer.Typer(help="Drafts that wait for a person.", no_args_is_help=True)
    app.add_typer(approvals, name="approvals")

    @approvals.command("list")
    def approvals_list(as_json: Json = False) -> None:
        """What waits for a yes or no, and until when."""
        from facilitator.cli.approvals import listed as work

        deliver(as_json, lambda: work(context))

    @approvals.command("approve")
    def approvals_approve(
        run_id: str,
        by: By = "",
        status: Annotated[
            str, typer.Option(help="Set another status than the rule's: on_track, at_risk ...")
        ] = "",
        because: Annotated[str, typer.Option(help="The reason for that status; readers are shown it.")] = "",
        as_json: Json = False,
    ) -> None:
        """Say yes to a draft and write exactly what it shows."""
        from facilitator.cli.approvals import approve as work

        deliver(as_json, lambda: work(context, run_id, by, status, because, quiet=as_json))

    @approvals.command("reject")
    def approvals_reject(
        run_id: str,
        because: Annotated[str, typer.Option(help="The reason; it is kept with the run.")],
        by: By = "",
        as_json: Json = False,
    ) -> None:
        """Say no to a draft: nothing is written."""
        from facilitator.cli.approvals import reject as work

        deliver(as_json, lambda: work(context, run_id, by, because))
