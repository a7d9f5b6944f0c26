"""The verbs and their options. Each imports its work when it is called, so that `--help` answers at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from facilitator.cli.answer import Answer, deliver, envelope
from facilitator.cli.context import Composer, Context
from facilitator.errors import ConfigurationError

WrongUse: Any = typer.BadParameter.__base__
"""Every wrong use of the command line, from whichever click this release of typer brings along."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON envelope instead of text.")]
By = Annotated[
    str, typer.Option("--by", envvar="FACILITATOR_USER", help="Who decides: an approver's name or gid.")
]
At = Annotated[str, typer.Option("--at", help="The instant to speak of, ISO 8601 with a zone; default now.")]

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
    app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.callback()
    def options(
        config: Annotated[
            Path | None,
            typer.Option("--config", envvar="FACILITATOR_CONFIG", help="Path of facilitator.toml."),
        ] = None,
    ) -> None:
        context.config = config

    _first_steps(app, context)
    _running(app, context)
    _runs(app, context)
    _approvals(app, context)
    _looking(app, context)
    return app


def _first_steps(app: typer.Typer, context: Context) -> None:
    @app.command()
    def demo(
        folder: Annotated[Path, typer.Option(help="Where the run log is left to look at.")] = Path("demo"),
        seed: Annotated[int, typer.Option(help="Seed of the built-in world.")] = 7,
        as_json: Json = False,
    ) -> None:
        """Run the ceremonies on the built-in world: no key, no account, no network beyond this machine."""
        from facilitator.cli.demo import demo as work

        deliver(as_json, lambda: work(context, folder, seed, quiet=as_json))

    @app.command()
    def init(
        project: Annotated[str, typer.Option(help="Gid of the Asana project.")] = "",
        team: Annotated[str, typer.Option(help="The team's name.")] = "",
        zone: Annotated[str, typer.Option(help="The team's IANA time zone.")] = "UTC",
        approver: Annotated[str, typer.Option(help="Name of the first approver.")] = "",
        force: Annotated[bool, typer.Option(help="Replace a facilitator.toml that is there.")] = False,
        as_json: Json = False,
    ) -> None:
        """Write a first facilitator.toml."""
        from facilitator.cli.first import init as work

        deliver(as_json, lambda: work(context, project, team, zone, approver, force=force))

    @app.command()
    def check(
        production: Annotated[
            bool, typer.Option(help="Also warn of arrangements too weak for production.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Preflight: keys, projects, fields, zones, rubrics, agent version."""
        from facilitator.cli.first import check as work

        deliver(as_json, lambda: work(context, production=production))

    agents = typer.Typer(help="The agent and environment on Managed Agents.", no_args_is_help=True)
    app.add_typer(agents, name="agents")

    @agents.command("plan")
    def agents_plan(as_json: Json = False) -> None:
        """Show what `agents apply` would change."""
        from facilitator.cli.provision import plan as work

        deliver(as_json, lambda: work(context))

    @agents.command("apply")
    def agents_apply(as_json: Json = False) -> None:
        """Create or update agent and environment, and pin their version. The second time nothing changes."""
        from facilitator.cli.provision import apply as work

        deliver(as_json, lambda: work(context))


def _running(app: typer.Typer, context: Context) -> None:
    @app.command()
    def serve(as_json: Json = False) -> None:
        """Fire every ceremony at its hour, and advance what is unfinished. Stops cleanly on SIGTERM or Ctrl-C."""
        from facilitator.cli.running import serve as work

        deliver(as_json, lambda: work(context))

    @app.command("next")
    def coming(
        days: Annotated[int, typer.Option(min=1, max=366)] = 7,
        team: Annotated[str, typer.Option(help="Only this team.")] = "",
        as_json: Json = False,
    ) -> None:
        """Show the coming fires in each team's local time."""
        from facilitator.cli.running import coming as work

        deliver(as_json, lambda: work(context, days, team))

    @app.command()
    def run(
        ceremony: Annotated[str, typer.Argument(help="Such as standup.")],
        team: Annotated[str, typer.Option(help="The team's slug in facilitator.toml.")],
        at: At = "",
        mode: Annotated[str, typer.Option(help="shadow, approve or auto; default: the team's own.")] = "",
        as_json: Json = False,
    ) -> None:
        """Fire one window now and follow it."""
        from facilitator.cli.running import run as work

        deliver(as_json, lambda: work(context, ceremony, team, at, mode, quiet=as_json))

    @app.command()
    def sandbox(
        workspace: Annotated[
            Path | None, typer.Option(help="A workspace file; default: the built-in world.")
        ] = None,
        asana_port: Annotated[int, typer.Option(help="0 picks a free one.")] = 0,
        agents_port: Annotated[int, typer.Option(help="0 picks a free one.")] = 0,
        faults: Annotated[Path | None, typer.Option(help="A JSON file of faults to inject.")] = None,
        speed: Annotated[float, typer.Option(min=0.01, help="How much faster than life.")] = 1.0,
        seed: Annotated[int, typer.Option(help="Seed of the built-in world and of the faults.")] = 7,
        as_json: Json = False,
    ) -> None:
        """Serve the local sandbox alone until stopped: a simulated Asana and Managed Agents."""
        from facilitator.cli.sandbox import sandbox as work

        deliver(
            as_json, lambda: work(workspace, asana_port, agents_port, faults, speed, seed, as_json=as_json)
        )


def _runs(app: typer.Typer, context: Context) -> None:
    runs = typer.Typer(help="The run log.", no_args_is_help=True)
    app.add_typer(runs, name="runs")

    @runs.command("list")
    def runs_list(
        team: Annotated[str, typer.Option()] = "",
        ceremony: Annotated[str, typer.Option()] = "",
        state: Annotated[str, typer.Option(help="Such as judged, written, failed.")] = "",
        limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
        as_json: Json = False,
    ) -> None:
        """Newest runs first."""
        from facilitator.cli.runs import listed as work

        deliver(as_json, lambda: work(context, team, ceremony, state, limit))

    @runs.command("show")
    def runs_show(run_id: str, as_json: Json = False) -> None:
        """One run's whole story: history, verdicts, document, cost."""
        from facilitator.cli.runs import shown as work

        deliver(as_json, lambda: work(context, run_id))

    @runs.command("tail")
    def runs_tail(
        run_id: str,
        follow: Annotated[bool, typer.Option(help="Wait for more until the run stops.")] = True,
        as_json: Json = False,
    ) -> None:
        """A run's session events as they come."""
        from facilitator.cli.runs import tailed as work

        deliver(as_json, lambda: work(context, run_id, follow=follow, as_json=as_json))

    @runs.command("resume")
    def runs_resume(run_id: str, as_json: Json = False) -> None:
        """Advance an unfinished run from where it stands."""
        from facilitator.cli.running import resume as work

        deliver(as_json, lambda: work(context, run_id, quiet=as_json))


def _approvals(app: typer.Typer, context: Context) -> None:
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


def _looking(app: typer.Typer, context: Context) -> None:
    @app.command()
    def board(
        team: Annotated[str, typer.Argument(help="The team's slug in facilitator.toml.")],
        ceremony: Annotated[str, typer.Option(help="Whose facts.")] = "standup",
        at: At = "",
        as_json: Json = False,
    ) -> None:
        """The facts of a board, computed live; nothing is recorded."""
        from facilitator.cli.looking import board as work

        deliver(as_json, lambda: work(context, team, ceremony, at))

    @app.command()
    def explain(
        what: Annotated[
            str, typer.Argument(help="A fact's id (sprint.done_points) or a line (headline, blocked[0]).")
        ],
        run_id: Annotated[str, typer.Argument(help="The run whose document it is.")],
        as_json: Json = False,
    ) -> None:
        """Why a figure or a line is there: its rule, tasks and stories, offline from the run log."""
        from facilitator.cli.looking import explained as work

        deliver(as_json, lambda: work(context, what, run_id))

    drafts = typer.Typer(help="Drafts, on files.", no_args_is_help=True)
    app.add_typer(drafts, name="drafts")

    @drafts.command("check")
    def drafts_check(
        facts: Annotated[Path, typer.Option(help="A facts.json.")],
        draft: Annotated[Path, typer.Option(help="A draft.json.")],
        ceremony: Annotated[str, typer.Option(help="Such as standup.")],
        as_json: Json = False,
    ) -> None:
        """List every fault that code finds in a draft."""
        from facilitator.cli.looking import drafts_check as work

        deliver(as_json, lambda: work(context, facts, draft, ceremony))


__all__ = ["Answer", "build", "run_cli"]
