"""Backup and restore: complete, checked byte by byte, with serials above those that were served."""

import tarfile
import threading

import pytest

from signage.faults import Refused
from signage.model.users import make_cli_actor
from signage.services import backup
from signage.services.bootstrap import open_store
from signage.services.publishing.signing_keys import get_signing_keys
from signage.services.screens.registry import create_screen
from signage.store import audit_log, playlists
from signage.store.lease import Lease
from signage.store.screens import screens
from signage.store.settings import StorageConfig
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

ROOT = make_cli_actor("root")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def context(tmp_path, clock):
    made = create_app_context(tmp_path / "old", clock)
    create_screen(made, ROOT, make_screen())
    blob = made.state / "media" / "ab" / "abcdef"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"film")
    (made.state / "incoming").mkdir()
    (made.state / "incoming" / "half").write_bytes(b"ha")
    with made.store.write() as connection:
        playlists.record_reported_serial(connection, "taxi-0001", 41)
    return made


def restore(state, clock, source, **more):
    return backup.restore_backup(state, StorageConfig(), clock, ROOT, source, **more)


def test_the_whole_state_comes_back(context, clock, tmp_path):
    file = tmp_path / "backup.tar"
    backup.create_backup(context, ROOT, file)
    assert file.stat().st_mode & 0o777 == 0o600
    clock.move(3600)
    state = tmp_path / "new"
    assert restore(state, clock, file) is None
    store = open_store(state, StorageConfig())
    with store.read() as connection:
        assert screens.list_screen_ids(connection) == ["taxi-0001"]
        assert playlists.get_reported_serials(connection)["taxi-0001"] > 41 + 3600
        assert [e.parse()["verb"] for e in audit_log.iter_entries(connection)][-2:] == ["state.backup", "state.restore"]
    assert (state / "media" / "ab" / "abcdef").read_bytes() == b"film"
    assert not (state / "incoming").exists()
    assert get_signing_keys(make_office_at(state, clock))[0].id == get_signing_keys(context)[0].id


def make_office_at(state, clock):
    (state.parent / "root").mkdir(exist_ok=True)
    (state.parent / "root" / "var").symlink_to(state)
    return create_app_context(state.parent / "root", clock)


def test_a_state_that_is_there_is_not_overwritten_by_mistake(context, clock, tmp_path):
    file = tmp_path / "backup.tar"
    backup.create_backup(context, ROOT, file)
    create_screen(context, ROOT, make_screen("taxi-0002"))
    with context.store.write() as connection:
        playlists.record_reported_serial(connection, "taxi-0001", 50_000)
    context.store.close()
    with pytest.raises(Refused) as refused:
        restore(context.state, clock, file)
    assert refused.value.faults[0].code == "restore-over"
    aside = restore(context.state, clock, file, replace=True)
    assert (aside / "signage.db").exists()
    store = open_store(context.state, StorageConfig())
    with store.read() as connection:
        assert screens.list_screen_ids(connection) == ["taxi-0001"]
        assert playlists.get_reported_serials(connection)["taxi-0001"] > 50_000


def test_nothing_is_restored_under_a_running_server(context, clock, tmp_path):
    file = tmp_path / "backup.tar"
    backup.create_backup(context, ROOT, file)
    Lease(context.store, clock).acquire()
    with pytest.raises(Refused) as refused:
        restore(context.state, clock, file, replace=True)
    assert refused.value.faults[0].code == "restore-running"


def _cut(data):
    return data[: len(data) // 2]


def _without_manifest(data):
    return data[: data.index(b"manifest.json") - 1] + bytes(10240)


def _altered(data):
    return data.replace(b"film", b"fiim")


@pytest.mark.parametrize("spoil", [_cut, _without_manifest, _altered, lambda data: b"", lambda data: b"x" * 5000])
def test_a_damaged_backup_is_refused_and_changes_nothing(context, clock, tmp_path, spoil):
    file = tmp_path / "backup.tar"
    backup.create_backup(context, ROOT, file)
    file.write_bytes(spoil(file.read_bytes()))
    state = tmp_path / "new"
    with pytest.raises(Refused) as refused:
        restore(state, clock, file)
    assert refused.value.faults[0].code.startswith("backup-")
    assert list(state.iterdir()) == []


def test_a_member_that_would_leave_the_folder_is_refused(context, clock, tmp_path):
    file = tmp_path / "backup.tar"
    with tarfile.open(file, "w") as out:
        out.addfile(tarfile.TarInfo("../escaped"))
    with pytest.raises(Refused):
        restore(tmp_path / "new", clock, file)
    assert not (tmp_path / "escaped").exists()


def test_a_backup_is_consistent_while_others_write(context, clock, tmp_path):
    done = threading.Event()

    def write():
        n = 10
        while not done.is_set():
            create_screen(context, ROOT, make_screen(f"taxi-{n}"))
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            file = tmp_path / f"{number}.tar"
            backup.create_backup(context, ROOT, file)
            restore(tmp_path / f"new-{number}", clock, file)
    finally:
        done.set()
        writer.join()
    store = open_store(tmp_path / "new-2", StorageConfig())
    with store.read() as connection:
        added = [e.parse()["object"] for e in audit_log.iter_entries(connection) if e.parse()["verb"] == "screen.add"]
        assert sorted(added) == screens.list_screen_ids(connection)
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
