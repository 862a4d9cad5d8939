"""The steps of the database end at exactly the tables that the code works with."""

import zlib

import msgspec
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from signage.store.engine import Store, metadata
from signage.store.migrate import import_table_modules, migrate_database
from signage.store.takeovers import receipts, takeovers


def test_the_steps_end_at_the_tables_of_the_code(tmp_path):
    store = Store(tmp_path / "signage.db")
    migrate_database(store)
    import_table_modules()
    with store.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    store.close()
    assert differences == []


OLD = (
    'INSERT INTO takeovers (id, selectors, drifted, "from", until, who, why, blank) '
    "VALUES ('storm', '[]', '[]', 1000000, 2000000, 'li', 'storm', false)",
    "INSERT INTO takeover_screens (takeover, screen) VALUES ('storm', 'a'), ('storm', 'b'), ('storm', 'c')",
    "INSERT INTO screen_contacts (screen, polls, serial, served) VALUES ('a', 1, NULL, 3), ('b', 1, 1, 1)",
    *(
        "INSERT INTO playlists (screen, serial, issued_at, timezone, tail, modified_at) "
        f"VALUES ('{screen}', {serial}, {1000000 + serial}, 'Asia/Shanghai', '{tail}', 1)"
        for screen in "abc"
        for serial, tail in ((1, "plain"), (2, "storm"), (3, "storm"))
    ),
)


def test_orders_from_before_keep_who_has_fetched_them(tmp_path, monkeypatch):
    store = Store(tmp_path / "signage.db")
    with monkeypatch.context() as context:
        context.setattr("signage.store.migrate.HEAD", "0002")
        context.setattr(command, "upgrade", lambda config, _, upgrade=command.upgrade: upgrade(config, "0002"))
        migrate_database(store)
    with store.write() as connection:
        for name, why in (("plain", "default"), ("storm", "takeover: storm")):
            tail = zlib.compress(msgspec.json.encode({"programs": [{"why": why}]}))
            values = {"sha256": name, "bytes": tail}
            connection.execute(text("INSERT INTO playlist_tails (sha256, bytes) VALUES (:sha256, :bytes)"), values)
        for statement in OLD:
            connection.execute(text(statement))
    assert migrate_database(store)
    with store.read() as connection:
        marked = [(one.screen, one.state, one.serial) for one in receipts.list_deliveries(connection, "storm")]
        assert marked == [("a", "fetched", 2), ("b", "silent", 2), ("c", "silent", 2)]
        assert takeovers.count_takeover_screens(connection, "storm") == 3
    store.close()
