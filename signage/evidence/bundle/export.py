"""A bundle that proves itself.

Everything but the log is written first; the sha256 of the manifest over it becomes the log's last entry, and the
checkpoint over the log, that entry in it, is signed in the same transaction. Then the log's lines and proofs are
written, and the folder appears under its name, whole.
"""

import base64
import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from signage.clock import Clock
from signage.evidence.archive_integrity import Unfit
from signage.evidence.audit_log.checkpoints import checkpoint_in, signing_keys
from signage.evidence.bundle import index, verifier
from signage.evidence.bundle.log_part import Before, before, write_keys, write_log
from signage.evidence.bundle.play_parts import Totals, write_documents, write_plays, write_thumbnails
from signage.evidence.bundle.scope import Scope, Sources
from signage.evidence.bundle.verifier import FORMAT, LOG_FILES, pretty, seal
from signage.evidence.judged_plays import proofs, unfit
from signage.faults import Fault, Place, Refused
from signage.store import audit_log as audit
from signage.store.audit_checkpoints import Checkpoint
from signage.store.column_types import to_ms
from signage.store.engine import Store

VERB = "audit.export"


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was made. *keys*: the KEYIDs that signed its checkpoint; *unfit*: sealed files left out of it."""

    folder: Path
    entries: int
    size: int
    plays: int
    files: int
    keys: tuple[str, ...]
    unfit: tuple[Unfit, ...] = ()


def export(
    store: Store, clock: Clock, folder: Path, scope: Scope, sources: Sources, who: str, via: str = "cli"
) -> Exported:
    """Write a bundle into *folder*, which must not be there or be empty. Raises Refused."""
    with _built(folder) as partial, _work(folder) as work:
        with store.write() as connection:
            keys = [(key.id, key.public) for key in signing_keys(connection, clock.now())]
        write_keys(keys, partial)
        totals, rows, left_out = _write_parts(store, scope, sources, partial, work)
        with store.read() as connection:
            known = before(connection, scope)
            facts = _facts(scope, clock.now(), [name for name, _ in keys], left_out)
            index.write(connection, scope, totals, known, facts, partial)
        shutil.copyfile(verifier.__file__, partial / "verify.py")
        manifest = _manifest(facts, totals, known, rows, partial)
        details = {"via": via, "manifest": seal(manifest), "plays": totals.plays} | _period(scope) | _left_out(left_out)
        made = _sign(store, clock, who, folder, details)
        with store.read() as connection:
            shown = write_log(connection, made, scope, known, {"plays.csv": rows}, partial)
        manifest["files"] |= {name: _sha256(partial / name) for name in LOG_FILES}
        (partial / "manifest.json").write_bytes(pretty(manifest))
        files = len(manifest["files"]) + 1
    return Exported(folder, shown, made.size, totals.plays, files, tuple(name for name, _ in keys), tuple(left_out))


def _write_parts(
    store: Store, scope: Scope, sources: Sources, partial: Path, work: Path
) -> tuple[Totals, str, list[Unfit]]:
    """The parts; sealed files that are not those that were sealed are left out of them, and named."""
    period = _ms(scope.from_), _ms(scope.until)
    archive = sources.evidence.archive
    with store.read() as connection:
        left_out = [] if archive is None else unfit(connection, archive, None, *period, afresh=True)
        found = proofs(connection, sources.evidence, None, *period)
        totals, rows = write_plays((one for one in found if scope.play(one)), partial, work)
    wanted = set(totals.documents)
    wanted.update(sources.published(scope.from_, scope.until))
    pictures = write_documents(sorted(wanted), sources, partial)
    write_thumbnails(pictures, sources, partial)
    return totals, rows, left_out


def _sign(store: Store, clock: Clock, who: str, folder: Path, details: dict[str, Any]) -> Checkpoint:
    with store.write() as connection:
        at = clock.now()
        audit.append(connection, at, who, VERB, folder.name, details)
        return checkpoint_in(connection, at, shown=True)


def _facts(scope: Scope, at: datetime, keys: list[str], left_out: list[Unfit]) -> dict[str, Any]:
    made_at = at.isoformat(timespec="seconds")
    return {"format": FORMAT, "made_at": made_at, "signed_by": keys, **_period(scope), **_left_out(left_out)}


def _left_out(unfit_: list[Unfit]) -> dict[str, Any]:
    """What the manifest and the export's own entry say of sealed files that cannot be believed."""
    return {"left_out": [asdict(one) for one in unfit_]} if unfit_ else {}


def _period(scope: Scope) -> dict[str, str | None]:
    return {
        "from": None if scope.from_ is None else scope.from_.isoformat(),
        "until": None if scope.until is None else scope.until.isoformat(),
        "unit": scope.unit,
    }


def _manifest(facts: dict[str, Any], totals: Totals, known: Before, rows: str, partial: Path) -> dict[str, Any]:
    files = {
        path.relative_to(partial).as_posix(): _sha256(path) for path in sorted(partial.rglob("*")) if path.is_file()
    }
    return {
        **facts,
        "plays": totals.plays,
        "files": files,
        "rows": {"plays.csv": hashlib.sha256(base64.b64decode(rows)).hexdigest()},
        "earlier": known.earlier,
        "openings": hashlib.sha256(pretty(known.openings)).hexdigest(),
    }


@contextmanager
def _built(folder: Path) -> Iterator[Path]:
    """A folder beside *folder* that takes its name once all is well."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused([Fault("error", "bundle-folder-taken", Place(file=str(folder)), {"folder": str(folder)})])
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        facts = {"folder": str(folder), "why": error.strerror}
        raise Refused([Fault("error", "bundle-folder-unusable", Place(file=str(folder)), facts)]) from error
    try:
        yield partial
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _work(folder: Path) -> Iterator[Path]:
    work = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.work")
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)
