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
from signage.evidence.archive_integrity import ArchiveDamage
from signage.evidence.audit_log.checkpoints import ensure_signing_keys, get_or_create_checkpoint
from signage.evidence.bundle import index, verifier
from signage.evidence.bundle.log_part import PriorLogState, read_prior_log_state, write_keys, write_log
from signage.evidence.bundle.play_parts import BundleTotals, write_playlists, write_plays, write_thumbnails
from signage.evidence.bundle.scope import BundleScope, BundleSources
from signage.evidence.bundle.verifier import FORMAT, LOG_FILES, encode_canonical_json, hash_manifest
from signage.evidence.judged_plays import find_archive_damage, read_judged_plays
from signage.faults import Fault, FaultLocation, Refused
from signage.protocol.epoch import to_ms
from signage.store import audit_log as audit
from signage.store.audit_checkpoints import CheckpointRow
from signage.store.engine import Store

EXPORT_VERB = "audit.export"


@dataclass(frozen=True, slots=True)
class ExportedBundle:
    """A bundle that was made. *keys*: the KEYIDs that signed its checkpoint; *unfit*: sealed files left out of it."""

    folder: Path
    entries: int
    size: int
    plays: int
    files: int
    keys: tuple[str, ...]
    archive_damage: tuple[ArchiveDamage, ...] = ()


def write_bundle(
    store: Store, clock: Clock, folder: Path, scope: BundleScope, sources: BundleSources, who: str, channel: str = "cli"
) -> ExportedBundle:
    """Write a bundle into *folder*, which must not be there or be empty. Raises Refused."""
    with _create_staged_folder(folder) as partial, _create_work_folder(folder) as work:
        with store.write() as connection:
            keys = [(key.id, key.public) for key in ensure_signing_keys(connection, clock.now())]
        write_keys(keys, partial)
        totals, rows, left_out = _write_play_parts(store, scope, sources, partial, work)
        with store.read() as connection:
            known = read_prior_log_state(connection, scope)
            facts = _build_manifest_header(scope, clock.now(), [name for name, _ in keys], left_out)
            index.write_page(connection, scope, totals, known, facts, partial)
        shutil.copyfile(verifier.__file__, partial / "verify.py")
        manifest = _build_manifest(facts, totals, known, rows, partial)
        details = (
            {"via": channel, "manifest": hash_manifest(manifest), "plays": totals.plays}
            | _describe_period(scope)
            | _describe_damage(left_out)
        )
        made = _append_and_sign(store, clock, who, folder, details)
        with store.read() as connection:
            shown = write_log(connection, made, scope, known, {"plays.csv": rows}, partial)
        manifest["files"] |= {name: _hash_file(partial / name) for name in LOG_FILES}
        (partial / "manifest.json").write_bytes(encode_canonical_json(manifest))
        files = len(manifest["files"]) + 1
    return ExportedBundle(
        folder, shown, made.size, totals.plays, files, tuple(name for name, _ in keys), tuple(left_out)
    )


def _write_play_parts(
    store: Store, scope: BundleScope, sources: BundleSources, partial: Path, work: Path
) -> tuple[BundleTotals, str, list[ArchiveDamage]]:
    """The parts; sealed files that are not those that were sealed are left out of them, and named."""
    period = _to_optional_ms(scope.from_), _to_optional_ms(scope.until)
    archive = sources.evidence.archive
    with store.read() as connection:
        left_out = [] if archive is None else find_archive_damage(connection, archive, None, *period, rehash=True)
        found = read_judged_plays(connection, sources.evidence, None, *period)
        totals, rows = write_plays((one for one in found if scope.is_unit_play(one)), partial, work)
    wanted = set(totals.playlists)
    wanted.update(sources.list_published(scope.from_, scope.until))
    pictures = write_playlists(sorted(wanted), sources, partial)
    write_thumbnails(pictures, sources, partial)
    return totals, rows, left_out


def _append_and_sign(store: Store, clock: Clock, who: str, folder: Path, details: dict[str, Any]) -> CheckpointRow:
    with store.write() as connection:
        at = clock.now()
        audit.append_entry(connection, at, who, EXPORT_VERB, folder.name, details)
        return get_or_create_checkpoint(connection, at, shown=True)


def _build_manifest_header(
    scope: BundleScope, at: datetime, keys: list[str], left_out: list[ArchiveDamage]
) -> dict[str, Any]:
    made_at = at.isoformat(timespec="seconds")
    return {
        "format": FORMAT,
        "made_at": made_at,
        "signed_by": keys,
        **_describe_period(scope),
        **_describe_damage(left_out),
    }


def _describe_damage(unfit_: list[ArchiveDamage]) -> dict[str, Any]:
    """What the manifest and the export's own entry say of sealed files that cannot be believed."""
    return {"left_out": [asdict(one) for one in unfit_]} if unfit_ else {}


def _describe_period(scope: BundleScope) -> dict[str, str | None]:
    return {
        "from": None if scope.from_ is None else scope.from_.isoformat(),
        "until": None if scope.until is None else scope.until.isoformat(),
        "unit": scope.unit,
    }


def _build_manifest(
    facts: dict[str, Any], totals: BundleTotals, known: PriorLogState, rows: str, partial: Path
) -> dict[str, Any]:
    files = {
        path.relative_to(partial).as_posix(): _hash_file(path) for path in sorted(partial.rglob("*")) if path.is_file()
    }
    return {
        **facts,
        "plays": totals.plays,
        "files": files,
        "rows": {"plays.csv": hashlib.sha256(base64.b64decode(rows)).hexdigest()},
        "earlier": known.earlier_checkpoints,
        "openings": hashlib.sha256(encode_canonical_json(known.openings)).hexdigest(),
    }


@contextmanager
def _create_staged_folder(folder: Path) -> Iterator[Path]:
    """A folder beside *folder* that takes its name once all is well."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused([Fault("error", "bundle-folder-taken", FaultLocation(file=str(folder)), {"folder": str(folder)})])
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        facts = {"folder": str(folder), "why": error.strerror}
        raise Refused([Fault("error", "bundle-folder-unusable", FaultLocation(file=str(folder)), facts)]) from error
    try:
        yield partial
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _create_work_folder(folder: Path) -> Iterator[Path]:
    work = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.work")
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_optional_ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)
