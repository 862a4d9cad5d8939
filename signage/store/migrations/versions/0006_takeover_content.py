"""Add the content of takeovers of an item, as it was at their start."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("takeovers", sa.Column("content", sa.Text(), nullable=True))
