import hashlib
import json
import threading
from datetime import UTC, datetime

import pytest

from signage.store import audit_log as audit
from signage.store.engine import Store, metadata

AT = datetime(2021, 3, 15, 0, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "signage.db")
    with store.write() as connection:
        metadata.create_all(connection)
    yield store
    store.close()


def test_a_line_is_canonical_and_its_hash_is_a_leaf_of_rfc_6962(store):
    with store.write() as connection:
        index = audit.append_entry(connection, AT, "wang", "item.approve", "315-2021/slogan-01", {"b": 1, "a": "守护"})
        (entry,) = audit.iter_entries(connection)
    assert index == 0
    assert entry.line.decode() == (
        '{"at":"2021-03-15T00:00:00.000+00:00","details":{"a":"守护","b":1},'
        '"object":"315-2021/slogan-01","record":1,"verb":"item.approve","who":"wang"}'
    )
    assert entry.hash == hashlib.sha256(b"\0" + entry.line).digest()


def test_an_act_that_fails_leaves_no_entry_and_no_gap(store):
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        audit.append_entry(connection, AT, "wang", "x", "y", {})
        1 / 0  # noqa: B018
    with store.write() as connection:
        assert audit.append_entry(connection, AT, "wang", "x", "y", {}) == 0


def test_writers_at_once_leave_no_gap(store):
    def work():
        for _ in range(20):
            with store.write() as connection:
                audit.append_entry(connection, AT, "wang", "x", "y", {})

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert [e.index for e in audit.iter_entries(connection)] == list(range(100))
        assert [json.loads(e.line)["record"] for e in audit.iter_entries(connection)] == list(range(1, 101))


def test_personal_details_are_erased_without_touching_the_line(store):
    with store.write() as connection:
        audit.append_entry(
            connection,
            AT,
            "wang",
            "person.add",
            "li",
            {"person": "李某", "note": audit.PersonalValue("电话"), "roles": ["duty"]},
        )
        (before,) = audit.iter_entries(connection)
        opened = {o.key: o for o in audit.iter_openings(connection, [0])}
    assert "李某" not in before.line.decode() and "电话" not in before.line.decode()
    said = before.parse()["details"]
    assert said["person"] == audit.compute_commitment(opened["person"].salt, opened["person"].value)
    assert json.loads(opened["note"].value) == "电话"
    with store.write() as connection:
        assert audit.erase_personal_value(connection, "李某") == 1
        assert list(audit.iter_entries(connection)) == [before]
        assert [o.key for o in audit.iter_openings(connection, [0])] == ["note"]


def test_values_that_json_does_not_know_are_written_all_the_same(store):
    with store.write() as connection:
        audit.append_entry(
            connection, AT, "system", "x", "y", {"at": AT, "set": {"b", "a"}, "path": b"\1", "odd": "\ud800"}
        )
        (entry,) = audit.iter_entries(connection)
    assert entry.parse()["details"] == {
        "at": "2021-03-15T00:00:00.000+00:00",
        "set": ["a", "b"],
        "path": "01",
        "odd": "?",
    }


def test_pages_are_found_by_what_was_done(store):
    with store.write() as connection:
        for verb in ("item.add", "item.approve", "screen.add"):
            audit.append_entry(connection, AT, "wang", verb, "o", {})
        found = audit.list_newest_entries(connection, verb="item.*")
        assert [e.index for e in found] == [1, 0]
        assert [e.index for e in audit.list_newest_entries(connection, before=2, limit=1)] == [1]
