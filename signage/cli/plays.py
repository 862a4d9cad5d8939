"""``signage plays``: the plays of a screen, with what is to be said of each, and the gaps in its numbers."""

import sys
from itertools import islice
from typing import TYPE_CHECKING

import click

from signage.cli.context import get_app_context
from signage.cli.errors import report_archive_damage
from signage.cli.output import json_option, print_table

if TYPE_CHECKING:
    from signage.services.evidence.plays import ScreenPlays


@click.command("plays", help="The plays of a screen (default: all that is kept), and the gaps in its numbers.")
@click.argument("screen", metavar="SCREEN")
@click.option("--from", "from_", metavar="TIME", help="Plays that began then or later, by their corrected time.")
@click.option("--until", metavar="TIME", help="Plays that began before then.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")
@json_option
def plays(screen: str, from_: str | None, until: str | None, as_csv: bool, as_json: bool) -> None:
    from signage.services.evidence.plays import get_screen_zone, open_screen_plays
    from signage.services.time_input import parse_time

    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    office = get_app_context()
    zone = get_screen_zone(office, screen)
    begin = None if from_ is None else parse_time(from_, zone, "--from")
    end = None if until is None else parse_time(until, zone, "--until")
    with open_screen_plays(office, screen, begin, end) as found:
        (_print_csv if as_csv else _print_json if as_json else _print_lines)(found)
        report_archive_damage(found.damaged_files)


def _print_json(found: "ScreenPlays") -> None:
    import msgspec

    from signage.evidence.play_export import create_play_view

    encode = msgspec.json.encode
    out = sys.stdout.buffer
    out.write(b'{"screen":' + encode(found.screen) + b',"plays":[')
    for number, proof in enumerate(found.plays):
        out.write(b",\n" if number else b"\n")
        out.write(encode(create_play_view(proof, found.zone)))
    out.write(b'],\n"gaps":' + encode(found.gaps) + b',\n"unfit":' + encode(found.damaged_files) + b',\n"rejected":[')
    for number, one in enumerate(found.rejected):
        out.write(b",\n" if number else b"\n")
        out.write(encode(one))
    out.write(b"]}\n")
    out.flush()


def _print_csv(found: "ScreenPlays") -> None:
    from signage.evidence.play_export import CSV_COLUMNS, format_csv_row
    from signage.model import spreadsheet_csv as csvs

    for piece in csvs.iter_csv_bytes(CSV_COLUMNS, (format_csv_row(proof, found.zone) for proof in found.plays)):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _print_lines(found: "ScreenPlays") -> None:
    from signage.evidence.play_export import create_play_view, list_details

    heads = ("corrected", "item", "ms", "result", "verdict", "run", "seq", "flags")
    rows = (
        (
            one.corrected_at.isoformat(sep=" ", timespec="seconds"),
            one.item,
            one.duration_ms,
            one.result,
            one.verdict,
            one.run,
            one.seq,
            " ".join((*one.flags, *(f"{name}={value}" for name, value in list_details(one)))),
        )
        for one in (create_play_view(proof, found.zone) for proof in found.plays)
    )
    while part := list(islice(rows, 5000)):
        print_table(heads, part)
    if found.gaps:
        click.echo()
        print_table(("gap: run", "first", "last", "why"), [(g.run, g.first, g.last, g.why) for g in found.gaps])
    refused = ((r.run, "" if r.seq is None else r.seq, r.why, (r.text or r.base64 or "")[:200]) for r in found.rejected)
    while some := list(islice(refused, 5000)):
        click.echo()
        print_table(("rejected: run", "seq", "why", "as it came"), some)
