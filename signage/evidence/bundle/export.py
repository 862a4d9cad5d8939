"""Exports audit bundles that verify themselves.

All parts except the log are written first. The sha256 of their manifest becomes the last entry of the log; the
checkpoint of the log with that entry is signed in the same transaction. Then the entries and proofs are written, and
the complete folder gets its name.
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
    """An exported bundle. *keys*: the KEYIDs that signed its checkpoint; *archive_damage*: archive files left out."""

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
    """Write a bundle into *folder*, which must not exist or be empty. Raises Refused."""
    with _create_staged_folder(folder) as partial, _create_work_folder(folder) as work:
        with store.write() as connection:
            keys = [(key.id, key.public) for key in ensure_signing_keys(connection, clock.now())]
        write_keys(keys, partial)
        totals, row_hashes, damages = _write_play_parts(store, scope, sources, partial, work)
        with store.read() as connection:
            prior = read_prior_log_state(connection, scope)
            facts = _build_manifest_header(scope, clock.now(), [name for name, _ in keys], damages)
            index.write_page(connection, scope, totals, prior, facts, partial)
        shutil.copyfile(verifier.__file__, partial / "verify.py")
        manifest = _build_manifest(facts, totals, prior, row_hashes, partial)
        details = (
            {"via": channel, "manifest": hash_manifest(manifest), "plays": totals.plays}
            | _describe_period(scope)
            | _describe_damage(damages)
        )
        checkpoint = _append_and_sign(store, clock, who, folder, details)
        with store.read() as connection:
            entries = write_log(connection, checkpoint, scope, prior, {"plays.csv": row_hashes}, partial)
        manifest["files"] |= {name: _hash_file(partial / name) for name in LOG_FILES}
        (partial / "manifest.json").write_bytes(encode_canonical_json(manifest))
        files = len(manifest["files"]) + 1
    return ExportedBundle(
        folder, entries, checkpoint.size, totals.plays, files, tuple(name for name, _ in keys), tuple(damages)
    )


def _write_play_parts(
    store: Store, scope: BundleScope, sources: BundleSources, partial: Path, work: Path
) -> tuple[BundleTotals, str, list[ArchiveDamage]]:
    """Write plays, playlists and thumbnails; return totals, row hashes and the archive files that are left out."""
    period = _to_optional_ms(scope.from_), _to_optional_ms(scope.until)
    archive = sources.evidence.archive
    with store.read() as connection:
        damages = [] if archive is None else find_archive_damage(connection, archive, None, *period, rehash=True)
        plays = read_judged_plays(connection, sources.evidence, None, *period)
        totals, row_hashes = write_plays((play for play in plays if scope.is_unit_play(play)), partial, work)
    playlists = totals.playlists.union(sources.list_published(scope.from_, scope.until))
    pictures = write_playlists(sorted(playlists), sources, partial)
    write_thumbnails(pictures, sources, partial)
    return totals, row_hashes, damages


def _append_and_sign(store: Store, clock: Clock, who: str, folder: Path, details: dict[str, Any]) -> CheckpointRow:
    with store.write() as connection:
        at = clock.now()
        audit.append_entry(connection, at, who, EXPORT_VERB, folder.name, details)
        return get_or_create_checkpoint(connection, at, shown=True)


def _build_manifest_header(
    scope: BundleScope, at: datetime, keys: list[str], damages: list[ArchiveDamage]
) -> dict[str, Any]:
    made_at = at.isoformat(timespec="seconds")
    return {
        "format": FORMAT,
        "made_at": made_at,
        "signed_by": keys,
        **_describe_period(scope),
        **_describe_damage(damages),
    }


def _describe_damage(damages: list[ArchiveDamage]) -> dict[str, Any]:
    """Return the record of damaged archive files in the manifest and in the log entry of the export."""
    return {"left_out": [asdict(damage) for damage in damages]} if damages else {}


def _describe_period(scope: BundleScope) -> dict[str, str | None]:
    return {
        "from": None if scope.from_ is None else scope.from_.isoformat(),
        "until": None if scope.until is None else scope.until.isoformat(),
        "unit": scope.unit,
    }


def _build_manifest(
    facts: dict[str, Any], totals: BundleTotals, prior: PriorLogState, row_hashes: str, partial: Path
) -> dict[str, Any]:
    files = {
        path.relative_to(partial).as_posix(): _hash_file(path) for path in sorted(partial.rglob("*")) if path.is_file()
    }
    return {
        **facts,
        "plays": totals.plays,
        "files": files,
        "rows": {"plays.csv": hashlib.sha256(base64.b64decode(row_hashes)).hexdigest()},
        "earlier": prior.earlier_checkpoints,
        "openings": hashlib.sha256(encode_canonical_json(prior.openings)).hexdigest(),
    }


@contextmanager
def _create_staged_folder(folder: Path) -> Iterator[Path]:
    """Create a folder next to *folder* that is renamed to it on success."""
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
