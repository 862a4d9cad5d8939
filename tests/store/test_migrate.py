"""The migrations end at exactly the tables of the code, and keep what older versions stored."""

import sys
import zlib
from contextlib import contextmanager

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from signage.faults import Refused
from signage.store.consents import is_enforced
from signage.store.engine import Store, StoreError, metadata
from signage.store.migrate import get_schema_version, import_table_modules, migrate_database
from signage.store.migrations import HEAD
from signage.store.pending_decisions import CONSENT, is_pending
from signage.store.screens.heartbeats import get_heartbeats
from signage.store.screens.screen_lists import ScreenFilter, count_screens
from signage.store.takeovers import receipts, takeovers
from signage.store.users import users


@pytest.fixture
def migrated_to(tmp_path, monkeypatch):
    """Create a database and migrate it to an older version of the schema."""

    def migrate(version: str) -> Store:
        store = Store(tmp_path / "older.db")
        with monkeypatch.context() as patch:
            patch.setattr("signage.store.migrate.HEAD", version)
            patch.setattr(command, "upgrade", lambda config, _, upgrade=command.upgrade: upgrade(config, version))
            migrate_database(store)
        return store

    return migrate


@contextmanager
def migrating(store: Store):
    """Insert rows into an older database in the block, then migrate it."""
    with store.write() as connection:
        yield connection
    assert migrate_database(store)


def test_the_migrations_end_at_the_tables_of_the_code(store):
    import_table_modules()
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_head_is_the_newest_migration(store):
    config = Config()
    config.set_main_option("script_location", "signage.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    with store.read() as connection:
        assert get_schema_version(connection) == HEAD


def test_a_start_with_nothing_to_migrate_does_not_import_alembic(store, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "alembic"]:
        monkeypatch.delitem(sys.modules, name)
    assert migrate_database(Store(tmp_path / "signage.db")) is False
    assert "alembic" not in sys.modules


def test_a_database_of_a_newer_program_is_refused(store):
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused) as refused:
        migrate_database(store)
    assert refused.value.faults[0].code == "store-newer"


def test_a_file_that_is_no_database_is_reported_by_name(tmp_path):
    (tmp_path / "signage.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreError) as error:
        migrate_database(Store(tmp_path / "signage.db"))
    assert error.value.fault.location.file == "signage.db"


ROWS_OF_0002 = (
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


def test_existing_takeovers_get_the_screens_that_have_fetched_them(migrated_to):
    store = migrated_to("0002")
    with migrating(store) as connection:
        for name, why in (("plain", "default"), ("storm", "takeover: storm")):
            body = zlib.compress(msgspec.json.encode({"programs": [{"why": why}]}))
            insert = text("INSERT INTO playlist_tails (sha256, bytes) VALUES (:sha256, :bytes)")
            connection.execute(insert, {"sha256": name, "bytes": body})
        for statement in ROWS_OF_0002:
            connection.execute(text(statement))
    with store.read() as connection:
        deliveries = [(row.screen, row.state, row.serial) for row in receipts.list_deliveries(connection, "storm")]
        assert deliveries == [("a", "fetched", 2), ("b", "silent", 2), ("c", "silent", 2)]
        assert takeovers.count_takeover_screens(connection, "storm") == 3
    store.close()


def test_existing_screens_with_faults_stay_faulty(migrated_to):
    store = migrated_to("0003")
    statuses = {"a": '{"faults":["signature-wrong"]}', "b": '{"faults":[]}', "c": '{"serial":1}', "d": None}
    with migrating(store) as connection:
        for screen, status in statuses.items():
            connection.execute(
                text(
                    "INSERT INTO screens (id, facts, kind, panel, made_at, changed_at) "
                    "VALUES (:screen, '{}', 'taxi-roof', 'taxi-192x64', 1, 1)"
                ),
                {"screen": screen},
            )
            connection.execute(
                text("INSERT INTO screen_contacts (screen, polls, status) VALUES (:screen, 1, :status)"),
                {"screen": screen, "status": status},
            )
    with store.read() as connection:
        assert get_heartbeats(connection)["a"].status == {"faults": ["signature-wrong"]}
        assert count_screens(connection, ScreenFilter(contact_state="faulty"), 10) == 1
        assert count_screens(connection, ScreenFilter(contact_state="faulty", search="a"), 10) == 1
    store.close()


@pytest.mark.parametrize("has_people", [True, False])
def test_an_installation_with_people_decides_on_consents_first(migrated_to, has_people):
    older = migrated_to("0007")
    with migrating(older) as connection:
        if has_people:
            connection.execute(text("INSERT INTO people (id, roles, made_at) VALUES ('li', '[\"duty\"]', 0)"))
    with older.read() as connection:
        assert is_pending(connection, CONSENT) is has_people
        assert is_enforced(connection, None) is not has_people
        assert is_enforced(connection, True) and not is_enforced(connection, False)
        assert [account.user.all_units for account in users.list_users(connection)] == [False] * has_people
