"""${message}."""

import sqlalchemy as sa
from alembic import op

import facilitator.runs.tables

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build what this release adds."""
    ${upgrades if upgrades else "pass"}
