"""The log's part of a bundle: its lines, the checkpoint over all of it, and what proves the lines to be in it."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signage.evidence.audit_log import merkle_tree as tree
from signage.evidence.bundle.scope import Scope
from signage.evidence.bundle.verifier import FORMAT, pretty
from signage.store import audit_checkpoints as checkpoints
from signage.store import audit_log as audit
from signage.store.audit_checkpoints import Checkpoint
from signage.store.engine import Connection

Opened = list[list[Any]]
Earlier = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Before:
    """What is known before the bundle's own entry is written, and what that entry therefore can name."""

    openings: Opened
    earlier: Earlier
    entries: int


def before(connection: Connection, scope: Scope) -> Before:
    """The openings of the entries that the bundle will hold, and the checkpoints that left the house."""
    found: Opened = []
    for entry in audit.personal_entries(connection):
        said = entry.read()
        if scope.holds_entry(said):
            for opening in audit.openings(connection, [entry.index]):
                found.append([entry.index + 1, opening.key, opening.salt.hex(), opening.value])
    earlier: Earlier = [[one.size, one.root.hex()] for one in checkpoints.shown(connection)]
    return Before(found, earlier, audit.size(connection))


def write_log(
    connection: Connection, made: Checkpoint, scope: Scope, known: Before, rows: dict[str, str], folder: Path
) -> int:
    """``audit.jsonl``, ``checkpoint.txt`` and ``proofs.json``; returns how many entries are in the bundle."""
    pruning = tree.Pruning()
    short = bytearray()
    shown = 0

    def leaves() -> Iterator[bytes]:
        nonlocal shown
        with (folder / "audit.jsonl").open("wb") as out:
            for entry in audit.entries(connection, 0, made.size):
                own = entry.index == made.size - 1
                holds = own or scope.whole or scope.holds_entry(json.loads(entry.line))
                if holds:
                    out.write(entry.line + b"\n")
                    short.extend(entry.hash[:4])
                    shown += 1
                pruning.add(entry.hash, holds)
                yield entry.hash

    earlier = [(size, root) for size, root in known.earlier if size < made.size]
    ranges = {size: tree.consistency(size, made.size) for size, _ in earlier}
    hashes = tree.hashes_of(leaves(), {one for steps in ranges.values() for one in steps})
    proofs = {
        "format": FORMAT,
        "size": made.size,
        "nodes": [[begin, end, digest.hex()] for begin, end, digest in pruning.finish()],
        "leaves": base64.b64encode(bytes(short)).decode("ascii"),
        "rows": rows,
        "consistency": [
            [size, root, [step.hex() for step in tree.proof(hashes, ranges[size])]] for size, root in earlier
        ],
        "openings": known.openings,
    }
    (folder / "proofs.json").write_bytes(pretty(proofs))
    (folder / "checkpoint.txt").write_text(made.note, "utf-8", newline="")
    return shown


def write_keys(keys: list[tuple[str, bytes]], folder: Path) -> None:
    """``keys.json``: the public halves of the keys that sign the checkpoint."""
    listed = [{"id": name, "ed25519": base64.b64encode(public).decode("ascii")} for name, public in keys]
    (folder / "keys.json").write_bytes(pretty({"keys": listed}))
