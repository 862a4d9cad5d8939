"""Add a column that says whether the last status message of a screen lists faults."""

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("screen_contacts", sa.Column("faulty", sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    statuses = connection.execute(sa.text("SELECT screen, status FROM screen_contacts WHERE status IS NOT NULL"))
    faulty = [{"screen": screen} for screen, status in statuses.all() if msgspec.json.decode(status).get("faults")]
    if faulty:
        connection.execute(sa.text("UPDATE screen_contacts SET faulty = true WHERE screen = :screen"), faulty)
