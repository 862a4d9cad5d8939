"""Add the optional columns of a play: position of a moving screen, and parts of a live item."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (
        ("area", sa.Text()),
        ("cell", sa.Text()),
        ("fix_age_s", sa.Float()),
        ("live_ms", sa.BigInteger()),
        ("fallback_ms", sa.BigInteger()),
    ):
        op.add_column("plays", sa.Column(name, kind, nullable=True))
