"""Add the unfinished campaign forms of users."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_autosaves",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("campaign", sa.String(length=64)),
        sa.Column("based_on", sa.Integer()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("discarded_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_campaign_autosaves")),
    )
    op.create_index("campaign_autosaves_owner", "campaign_autosaves", ["owner", "changed_at"])
