"""The verb `runs list`: newest runs first, and nothing loaded that this does not need."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.place import run_log_address
from facilitator.runs.glance import COLUMNS, newest_runs

Row = dict[str, str | None]


def listed(context: Context, team: str, ceremony: str, state: str, limit: int) -> Answer:
    """Newest runs first, one line each."""
    wanted = {name: said for name, said in (("team", team), ("ceremony", ceremony), ("state", state)) if said}
    if state:
        _known(state)
    source = context.config or Path(context.environ.get("FACILITATOR_CONFIG") or "facilitator.toml")
    glanced = None
    if source.is_file():
        glanced = newest_runs(run_log_address(source, context.environ), wanted, limit)
    rows = _opened(context, wanted, limit) if glanced is None else glanced
    lines = (_line(row) for row in rows)
    return Answer(
        [_data(row) for row in rows],
        "\n".join(lines) or "No runs yet. `run standup --team TEAM` fires one now.",
    )


def _opened(context: Context, wanted: dict[str, str], limit: int) -> list[Row]:
    """The same rows by way of the application: any database, upgraded first where it is of an older release."""
    from facilitator.runs.bulk import stored
    from facilitator.runs.run import RunState
    from facilitator.runs.step import columns_of
    from facilitator.runs.tables import runs

    state = RunState(wanted["state"]) if "state" in wanted else None
    with context.application() as app:
        found = app.store.recent(
            team=wanted.get("team"), ceremony=wanted.get("ceremony"), state=state, limit=limit
        )
    return [{name: stored(runs, columns_of(run))[name] for name in COLUMNS} for run in found]


def _known(state: str) -> None:
    from facilitator.errors import ConfigurationError
    from facilitator.runs.run import RunState

    if state not in list(RunState):
        raise ConfigurationError(
            f"there is no state {state!r}.", suggestion=f"States: {', '.join(RunState)}."
        )


def _data(row: Row) -> dict[str, str | None]:
    return {
        "run_id": row["id"], "ceremony": row["ceremony"], "team": row["team"], "window": f"{str(row['window_end'])[:19]}Z",
        "mode": row["mode"], "state": row["state"], "reason": row["reason"], "story_gid": row["story_gid"],
        "created_at": datetime.fromisoformat(str(row["created_at"])).isoformat(),
    }  # fmt: skip


def _line(row: Row) -> str:
    ends = str(row["window_end"])[:16].replace("T", " ")
    return (
        f"{row['id']}  {ends}  {row['team']:<16} {row['ceremony']:<14} {row['state']:<10}"
        f" {str(row['reason'])[:70]}"
    )
