"""Add the serial of the playlist that each screen was served last: it proves that a takeover was fetched."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("screen_contacts", sa.Column("served", sa.BigInteger(), nullable=True))
