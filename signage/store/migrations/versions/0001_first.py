"""The first shape: every table of every subject."""

from alembic import op

from signage.store.engine import metadata
from signage.store.prepare import import_subjects

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    import_subjects()
    metadata.create_all(op.get_bind())
