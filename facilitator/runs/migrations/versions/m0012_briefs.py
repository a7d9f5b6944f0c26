"""Which brief a run was told, beside which rubric it was judged by."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Runs of before name no brief."""
    for column, length in (("brief_id", 80), ("brief_version", 40), ("brief_hash", 64)):
        op.add_column("runs", sa.Column(column, sa.String(length=length), nullable=False, server_default=""))
