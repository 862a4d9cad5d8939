"""``signage library``: add and list clips."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signage.cli.context import get_actor, get_app_context, get_library
from signage.cli.errors import print_faults
from signage.cli.output import json_option, print_json, print_table

if TYPE_CHECKING:
    from signage.library.ingest import AddedClip
    from signage.store.library.clips import ClipRow


@click.group("library", help="Clips: add, list.")
def library() -> None:
    pass


@library.command("add", help="Add pictures and films to the library, as an upload does.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--unit", metavar="UNIT", help="Unit that owns the clips and whose quota they use.")
@json_option
def add(files: tuple[Path, ...], unit: str | None, as_json: bool) -> int:
    from signage.faults import Refused
    from signage.services.library import clip_uploads

    context, library_service = get_app_context(), get_library()
    rows: list[dict[str, Any]] = []
    any_refused = False
    is_terminal = sys.stderr.isatty()
    try:
        for number, path in enumerate(files, 1):
            if is_terminal and len(files) > 1:
                click.echo(f"{number}/{len(files)} {path.name}", err=True)
            try:
                added = clip_uploads.add_clip(context, library_service, get_actor(), path, path.name, unit)
                rows.append(_added_clip_to_json(path.name, added))
            except Refused as refusal:
                any_refused = True
                print_faults(refusal.faults)
    finally:
        library_service.sandbox.close()
    if as_json:
        print_json(rows)
    else:
        _print_clips(rows)
    return 1 if any_refused else 0


@library.command("list", help="List the clips of the library, newest first.")
@click.option("--search", metavar="TEXT", default="", help="Only clips with TEXT in one of their names.")
@click.option("--limit", metavar="N", default=1000, type=click.IntRange(1, 100_000), help="Maximum number of rows.")
@json_option
def list_(search: str, limit: int, as_json: bool) -> None:
    from signage.store.library import clips

    with get_app_context().store.read() as connection:
        newest_clips = clips.list_newest_clips(connection, limit, search)
        rows = [_clip_to_json(clip, clips.list_clip_names(connection, clip.sha256)) for clip in newest_clips]
    if as_json:
        print_json(rows)
    else:
        _print_clips(rows)


def _added_clip_to_json(name: str, added: "AddedClip") -> dict[str, Any]:
    facts = added.facts
    return {
        "sha256": added.sha256,
        "name": name,
        "kind": facts.kind,
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "duration_ms": facts.duration_ms,
        "fresh": added.is_new,
    }


def _clip_to_json(clip: "ClipRow", names: list[str]) -> dict[str, Any]:
    facts = clip.facts
    return {
        "sha256": clip.sha256,
        "name": clip.name,
        "names": names,
        "kind": facts.kind,
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "duration_ms": facts.duration_ms,
        "bytes": clip.bytes,
        "unit": clip.unit,
        "added_at": clip.added_at.isoformat(),
        "added_by": clip.added_by,
    }


def _print_clips(rows: list[dict[str, Any]]) -> None:
    from signage.library.clip_names import format_display_name

    heads = ("name", "kind", "format", "size", "seconds", "sha256")
    print_table(
        heads,
        [
            (
                format_display_name(row["name"]),
                row["kind"],
                row["format"],
                f"{row['width']}×{row['height']}",
                f"{row['duration_ms'] / 1000:.3f}" if row["duration_ms"] else None,
                row["sha256"],
            )
            for row in rows
        ],
    )
