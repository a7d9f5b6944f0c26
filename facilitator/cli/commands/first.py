"""Verbs demo, init, check, agents: the first day."""

from pathlib import Path
from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""

    @app.command()
    def demo(
        folder: Annotated[Path, typer.Option(help="Where the run log is left to look at.")] = Path("demo"),
        seed: Annotated[int, typer.Option(help="Seed of the built-in world.")] = 7,
        serve: Annotated[
            bool, typer.Option("--serve", help="Open the dashboard on three teams with a history.")
        ] = False,
        port: Annotated[
            int, typer.Option(help="The dashboard's port, with --serve; 0 picks a free one.")
        ] = 8484,
        brief: Annotated[bool, typer.Option(help="With --serve: a short history, ready in seconds.")] = False,
        as_json: Json = False,
    ) -> None:
        """Run the ceremonies on the built-in world: no key, no account, no network beyond this machine."""
        from facilitator.cli.demo import demo, demo_dashboard

        if serve:
            deliver(
                as_json, lambda: demo_dashboard(context, folder, seed, port, brief=brief, as_json=as_json)
            )
        else:
            deliver(as_json, lambda: demo(context, folder, seed, quiet=as_json))

    @app.command()
    def init(
        workspace: Annotated[
            str, typer.Option(help="Gid of the Asana workspace, where there are several.")
        ] = "",
        project: Annotated[str, typer.Option(help="Gid of the Asana project.")] = "",
        team: Annotated[str, typer.Option(help="The team's name; default: the project's.")] = "",
        zone: Annotated[str, typer.Option(help="The team's IANA time zone.")] = "",
        approver: Annotated[
            list[str] | None, typer.Option(help="Name of an approver; may be repeated.")
        ] = None,
        sprint_field: Annotated[str, typer.Option(help="Field that names a task's sprint, or `none`.")] = "",
        points_field: Annotated[
            str, typer.Option(help="Field that holds a task's estimate, or `none`.")
        ] = "",
        force: Annotated[bool, typer.Option(help="Replace a facilitator.toml that is there.")] = False,
        as_json: Json = False,
    ) -> None:
        """Walk through a first facilitator.toml: looks at Asana, proposes, and asks on a terminal what was not said."""
        from facilitator.cli.first import init as work
        from facilitator.cli.first_steps import Wishes

        wishes = Wishes(workspace, project, team, zone, tuple(approver or ()), sprint_field, points_field)
        deliver(as_json, lambda: work(context, wishes, force=force, as_json=as_json))

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
