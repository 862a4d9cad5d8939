"""Writes the log part of a bundle: entries, the checkpoint of the whole log, and the proofs that link them."""

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
    """State of the log before the entry of the export itself, which that entry can therefore contain."""

    openings: OpeningList
    earlier_checkpoints: CheckpointList
    entry_count: int


def read_prior_log_state(connection: Connection, scope: BundleScope) -> PriorLogState:
    """Read the openings of the entries in the bundle, and the published checkpoints."""
    openings: OpeningList = []
    for entry in audit.iter_personal_entries(connection):
        if scope.contains_entry(entry.parse()):
            for opening in audit.iter_openings(connection, [entry.index]):
                openings.append([entry.index + 1, opening.key, opening.salt.hex(), opening.value])
    earlier: CheckpointList = [[row.size, row.root.hex()] for row in checkpoints.list_published_checkpoints(connection)]
    return PriorLogState(openings, earlier, audit.count_entries(connection))


def write_log(
    connection: Connection,
    checkpoint: CheckpointRow,
    scope: BundleScope,
    prior: PriorLogState,
    rows: dict[str, str],
    folder: Path,
) -> int:
    """Write ``audit.jsonl``, ``checkpoint.txt`` and ``proofs.json``; return the number of entries in the bundle."""
    pruned_tree = tree.PrunedTreeBuilder()
    short_hashes = bytearray()
    entry_count = 0

    def leaves() -> Iterator[bytes]:
        nonlocal entry_count
        with (folder / "audit.jsonl").open("wb") as out:
            for entry in audit.iter_entries(connection, 0, checkpoint.size):
                is_export = entry.index == checkpoint.size - 1
                is_included = is_export or scope.is_whole_log or scope.contains_entry(json.loads(entry.line))
                if is_included:
                    out.write(entry.line + b"\n")
                    short_hashes.extend(entry.hash[:4])
                    entry_count += 1
                pruned_tree.append(entry.hash, is_included)
                yield entry.hash

    earlier = [(size, root) for size, root in prior.earlier_checkpoints if size < checkpoint.size]
    proof_nodes = {size: tree.list_consistency_nodes(size, checkpoint.size) for size, _ in earlier}
    hashes = tree.compute_node_hashes(leaves(), {node for nodes in proof_nodes.values() for node in nodes})
    proofs = {
        "format": FORMAT,
        "size": checkpoint.size,
        "nodes": [[begin, end, digest.hex()] for begin, end, digest in pruned_tree.finish()],
        "leaves": base64.b64encode(bytes(short_hashes)).decode("ascii"),
        "rows": rows,
        "consistency": [
            [size, root, [step.hex() for step in tree.collect_proof_hashes(hashes, proof_nodes[size])]]
            for size, root in earlier
        ],
        "openings": prior.openings,
    }
    (folder / "proofs.json").write_bytes(encode_canonical_json(proofs))
    (folder / "checkpoint.txt").write_text(checkpoint.note, "utf-8", newline="")
    return entry_count


def write_keys(keys: list[tuple[str, bytes]], folder: Path) -> None:
    """Write ``keys.json``: the public keys that sign the checkpoint."""
    rows = [{"id": name, "ed25519": base64.b64encode(public).decode("ascii")} for name, public in keys]
    (folder / "keys.json").write_bytes(encode_canonical_json({"keys": rows}))
