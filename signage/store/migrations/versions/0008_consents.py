"""Add consents between units, the unit of a takeover, and users who may take over the screens of all units.

An installation that exists already goes on without consents until its administrator decides (``[consent] enforce``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("unit", sa.String(64), nullable=False, index=True),
        sa.Column("to", sa.String(64), nullable=False, index=True),
        sa.Column("selectors", sa.Text(), nullable=False),
        sa.Column("campaign", sa.String(64)),
        sa.Column("hours", sa.String(11)),
        sa.Column("max_share", sa.Integer()),
        sa.Column("max_priority", sa.Integer()),
        sa.Column("until", sa.BigInteger()),
        sa.Column("state", sa.String(9), nullable=False, index=True),
        sa.Column("asked_by", sa.String(200)),
        sa.Column("asked_at", sa.BigInteger()),
        sa.Column("given_by", sa.String(200)),
        sa.Column("given_at", sa.BigInteger()),
        sa.Column("ended_by", sa.String(200)),
        sa.Column("ended_at", sa.BigInteger()),
        sqlite_autoincrement=True,
    )
    op.create_table("pending_decisions", sa.Column("name", sa.String(64), primary_key=True))
    op.add_column("takeovers", sa.Column("unit", sa.String(64)))
    op.add_column("people", sa.Column("all_units", sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    if any(connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) for table in ("people", "screens", "campaigns")):  # noqa: S608
        connection.execute(sa.text("INSERT INTO pending_decisions (name) VALUES ('consent')"))
