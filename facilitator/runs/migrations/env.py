"""Alembic's entry for a developer who generates a migration; the program itself upgrades in `upgrading`."""

from alembic import context

from facilitator.runs.tables import metadata

context.configure(url=context.get_x_argument(as_dictionary=True).get("url"), target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
