"""The steps of the database end at exactly the tables that the code works with."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from signage.store.engine import Store, metadata
from signage.store.prepare import import_subjects, prepare


def test_the_steps_end_at_the_tables_of_the_code(tmp_path):
    store = Store(tmp_path / "signage.db")
    prepare(store)
    import_subjects()
    with store.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    store.close()
    assert differences == []
