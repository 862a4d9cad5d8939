"""The log's part of a bundle: its lines, the checkpoint over all of it, and what proves the lines to be in it."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signage.evidence.audit_log import merkle_tree as tree
from signage.evidence.bundle.scope import BundleScope
from signage.evidence.bundle.verifier import FORMAT, encode_canonical_json
from signage.store import audit_checkpoints as checkpoints
from signage.store import audit_log as audit
from signage.store.audit_checkpoints import CheckpointRow
from signage.store.engine import Connection

OpeningList = list[list[Any]]
CheckpointList = list[list[Any]]


@dataclass(frozen=True, slots=True)
class PriorLogState:
    """What is known before the bundle's own entry is written, and what that entry therefore can name."""

    openings: OpeningList
    earlier_checkpoints: CheckpointList
    entry_count: int


def read_prior_log_state(connection: Connection, scope: BundleScope) -> PriorLogState:
    """The openings of the entries that the bundle will hold, and the checkpoints that left the house."""
    found: OpeningList = []
    for entry in audit.iter_personal_entries(connection):
        said = entry.parse()
        if scope.contains_entry(said):
            for opening in audit.iter_openings(connection, [entry.index]):
                found.append([entry.index + 1, opening.key, opening.salt.hex(), opening.value])
    earlier: CheckpointList = [[one.size, one.root.hex()] for one in checkpoints.list_published_checkpoints(connection)]
    return PriorLogState(found, earlier, audit.count_entries(connection))


def write_log(
    connection: Connection,
    made: CheckpointRow,
    scope: BundleScope,
    known: PriorLogState,
    rows: dict[str, str],
    folder: Path,
) -> int:
    """``audit.jsonl``, ``checkpoint.txt`` and ``proofs.json``; returns how many entries are in the bundle."""
    pruning = tree.PrunedTreeBuilder()
    short = bytearray()
    shown = 0

    def leaves() -> Iterator[bytes]:
        nonlocal shown
        with (folder / "audit.jsonl").open("wb") as out:
            for entry in audit.iter_entries(connection, 0, made.size):
                own = entry.index == made.size - 1
                holds = own or scope.is_whole_log or scope.contains_entry(json.loads(entry.line))
                if holds:
                    out.write(entry.line + b"\n")
                    short.extend(entry.hash[:4])
                    shown += 1
                pruning.append(entry.hash, holds)
                yield entry.hash

    earlier = [(size, root) for size, root in known.earlier_checkpoints if size < made.size]
    ranges = {size: tree.list_consistency_nodes(size, made.size) for size, _ in earlier}
    hashes = tree.compute_node_hashes(leaves(), {one for steps in ranges.values() for one in steps})
    proofs = {
        "format": FORMAT,
        "size": made.size,
        "nodes": [[begin, end, digest.hex()] for begin, end, digest in pruning.finish()],
        "leaves": base64.b64encode(bytes(short)).decode("ascii"),
        "rows": rows,
        "consistency": [
            [size, root, [step.hex() for step in tree.collect_proof_hashes(hashes, ranges[size])]]
            for size, root in earlier
        ],
        "openings": known.openings,
    }
    (folder / "proofs.json").write_bytes(encode_canonical_json(proofs))
    (folder / "checkpoint.txt").write_text(made.note, "utf-8", newline="")
    return shown


def write_keys(keys: list[tuple[str, bytes]], folder: Path) -> None:
    """``keys.json``: the public halves of the keys that sign the checkpoint."""
    listed = [{"id": name, "ed25519": base64.b64encode(public).decode("ascii")} for name, public in keys]
    (folder / "keys.json").write_bytes(encode_canonical_json({"keys": listed}))
