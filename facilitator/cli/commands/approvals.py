"""Verbs approvals list, approve, reject, revise, edit: decisions on drafts."""

from pathlib import Path
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
        changes: Annotated[
            str,
            typer.Option(help="Which proposed changes to tasks are meant: all, none, or numbers like 1,3."),
        ] = "all",
        as_json: Json = False,
    ) -> None:
        """Say yes to a draft and write exactly what it shows."""
        from facilitator.cli.approvals import approve as work

        deliver(as_json, lambda: work(context, run_id, by, status, because, changes, quiet=as_json))

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

    @approvals.command("revise")
    def approvals_revise(
        run_id: str,
        because: Annotated[str, typer.Option(help="What to change; the writer is told these words.")],
        by: By = "",
        as_json: Json = False,
    ) -> None:
        """Send a draft back with a reason: the same session writes a second one, graded anew."""
        from facilitator.cli.approvals import revise as work

        deliver(as_json, lambda: work(context, run_id, by, because, quiet=as_json))

    @approvals.command("edit")
    def approvals_edit(
        run_id: str,
        by: By = "",
        file: Annotated[
            Path | None, typer.Option(help="The edited lines; - reads them from standard input.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Change a draft's words: in $EDITOR on a terminal, from a file, or printed as lines to edit.

        A changed draft passes every check first, and needs a decision of its own.
        """
        from facilitator.cli.approvals import edit as work

        deliver(as_json, lambda: work(context, run_id, by, file, ask=not as_json))
