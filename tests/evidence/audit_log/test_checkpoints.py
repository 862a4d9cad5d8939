import random

from signage.evidence.audit_log import checkpoints
from signage.store import audit_log as audit
from tests.evidence.audit_log import oracle


def log(store, clock, entries):
    with store.write() as connection:
        for _ in range(entries):
            audit.append_entry(connection, clock.now(), "wang", "x", "y", {})


def test_a_checkpoint_is_created_only_for_new_entries(store, clock):
    assert checkpoints.create_checkpoint(store, clock) is None
    frontier = random.Random(1)
    total = 0
    for _ in range(12):
        more = frontier.randrange(1, 9)
        log(store, clock, more)
        made = checkpoints.create_checkpoint(store, clock)
        total += more + (total == 0)  # the key's making is an entry of its own
        assert made.size == total
        with store.read() as connection:
            assert made.root == oracle.mth([digest for _, digest in audit.iter_leaf_hashes(connection)])
        assert checkpoints.create_checkpoint(store, clock) is None


def test_a_checkpoint_is_written_to_a_file(store, clock, tmp_path):
    log(store, clock, 3)
    made = checkpoints.create_checkpoint(store, clock)
    path = checkpoints.write_checkpoint_file(made, tmp_path / "outside")
    assert path.name == "checkpoint-0000000004.txt"
    assert path.read_text("utf-8") == made.note
