"""Bringing a run log's tables to this release, by Alembic. Only `database` calls it, where there is something to do."""

from __future__ import annotations

from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError, OperationalError

from facilitator.errors import StoreError
from facilitator.runs import ledger_tables  # noqa: F401 - its tables join the metadata
from facilitator.runs.glance import MIGRATIONS
from facilitator.runs.tables import metadata

UPGRADE_KEY = 0x66616369
"""The advisory lock under which a PostgreSQL run log is upgraded; any number, the same in every release."""


def upgrade(engine: Engine, *, shared: bool) -> None:
    """Run what is missing, one process at a time where many machines share it; raises `StoreError` for a run log of a newer release, or one that cannot be opened."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head()

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - the documented way to upgrade in process

    environment = EnvironmentContext(config, script, fn=steps, destination_rev="head")
    try:
        with engine.connect() as connection, connection.begin():
            if shared:
                # Several processes may start at once: the first makes the tables, the others find them made.
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_KEY})
            environment.configure(connection=connection, target_metadata=metadata)
            with environment.begin_transaction():
                environment.run_migrations()
    except CommandError as error:
        raise StoreError(
            f"the run log at {_shown(engine)} was written by a newer release than this one (this one knows {head})",
            suggestion="Nothing was changed. Start the newer release, or choose another FACILITATOR_DATABASE_URL.",
        ) from error
    except (OperationalError, DatabaseError) as error:
        raise StoreError(
            f"the run log at {_shown(engine)} cannot be opened: {error.orig}",
            suggestion="Check FACILITATOR_DATABASE_URL and the rights on the file and its folder.",
        ) from error


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
