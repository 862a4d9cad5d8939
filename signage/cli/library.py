"""``signage library``: clips into the library, and what is there."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signage.cli.context import the_actor, the_library, the_office
from signage.cli.errors import tell
from signage.cli.output import json_option, print_json, print_table

if TYPE_CHECKING:
    from signage.library.ingest import Taken
    from signage.store.library.clips import Kept


@click.group("library", help="Clips: add, list.")
def library() -> None:
    pass


@library.command("add", help="Take pictures and films into the library, as an upload does.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--unit", metavar="UNIT", help="The office that they belong to, in whose quota they count.")
@json_option
def add(files: tuple[Path, ...], unit: str | None, as_json: bool) -> int:
    from signage.faults import Refused

    the_office()
    house = the_library()
    rows: list[dict[str, Any]] = []
    refused = False
    terminal = sys.stderr.isatty()
    try:
        for number, path in enumerate(files, 1):
            if terminal and len(files) > 1:
                click.echo(f"{number}/{len(files)} {path.name}", err=True)
            try:
                rows.append(_taken(path.name, house.taking.take_in(path, path.name, the_actor(), unit)))
            except Refused as refusal:
                refused = True
                tell(refusal.faults)
    finally:
        house.jail.close()
    if as_json:
        print_json(rows)
    else:
        _print(rows)
    return 1 if refused else 0


@library.command("list", help="The clips of the library, the newest first.")
@click.option("--search", metavar="TEXT", default="", help="Only those with TEXT in one of their names.")
@click.option("--limit", metavar="N", default=1000, type=click.IntRange(1, 100_000), help="At most so many.")
@json_option
def list_(search: str, limit: int, as_json: bool) -> None:
    from signage.store.library import clips

    with the_office().store.read() as connection:
        found = clips.newest(connection, limit, search)
        rows = [_kept(clip, clips.names_of(connection, clip.sha256)) for clip in found]
    if as_json:
        print_json(rows)
    else:
        _print(rows)


def _taken(name: str, taken: "Taken") -> dict[str, Any]:
    facts = taken.facts
    return {
        "sha256": taken.sha256,
        "name": name,
        "kind": facts.kind,
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "duration_ms": facts.duration_ms,
        "fresh": taken.fresh,
    }


def _kept(clip: "Kept", names: list[str]) -> dict[str, Any]:
    facts = clip.facts
    return {
        "sha256": clip.sha256,
        "name": clip.name,
        "names": names,
        "kind": facts["kind"],
        "format": facts["format"],
        "width": facts["width"],
        "height": facts["height"],
        "duration_ms": facts.get("duration_ms"),
        "bytes": clip.bytes,
        "unit": clip.unit,
        "added_at": clip.added_at.isoformat(),
        "added_by": clip.added_by,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    from signage.library.clip_names import shown_name

    heads = ("name", "kind", "format", "size", "seconds", "sha256")
    print_table(
        heads,
        [
            (
                shown_name(row["name"]),
                row["kind"],
                row["format"],
                f"{row['width']}×{row['height']}",
                f"{row['duration_ms'] / 1000:.3f}" if row["duration_ms"] else None,
                row["sha256"],
            )
            for row in rows
        ],
    )
