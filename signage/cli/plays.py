"""``signage plays``: the plays of a screen with their verdicts, and the gaps in their numbers."""

import sys
from itertools import islice
from typing import TYPE_CHECKING

import click

from signage.cli.context import get_app_context
from signage.cli.errors import report_archive_damage
from signage.cli.output import json_option, print_table

if TYPE_CHECKING:
    from signage.services.evidence.plays import ScreenPlays


@click.command(
    "plays", help="List the plays of a screen (default: all that are stored), and the gaps in their numbers."
)
@click.argument("screen", metavar="SCREEN")
@click.option("--from", "from_", metavar="TIME", help="Plays that started at this time or later, by corrected time.")
@click.option("--until", metavar="TIME", help="Plays that started before this time.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for spreadsheets.")
@json_option
def plays(screen: str, from_: str | None, until: str | None, as_csv: bool, as_json: bool) -> None:
    from signage.services.evidence.plays import get_screen_zone, open_screen_plays
    from signage.services.time_input import parse_time

    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    app_context = get_app_context()
    zone = get_screen_zone(app_context, screen)
    begin = None if from_ is None else parse_time(from_, zone, "--from")
    end = None if until is None else parse_time(until, zone, "--until")
    with open_screen_plays(app_context, screen, begin, end) as screen_plays:
        (_print_csv if as_csv else _print_json if as_json else _print_lines)(screen_plays)
        report_archive_damage(screen_plays.damaged_files)


def _print_json(screen_plays: "ScreenPlays") -> None:
    import msgspec

    from signage.evidence.play_export import create_play_view

    encode = msgspec.json.encode
    out = sys.stdout.buffer
    out.write(b'{"screen":' + encode(screen_plays.screen) + b',"plays":[')
    for number, judged_play in enumerate(screen_plays.plays):
        out.write(b",\n" if number else b"\n")
        out.write(encode(create_play_view(judged_play, screen_plays.zone)))
    out.write(
        b'],\n"gaps":'
        + encode(screen_plays.gaps)
        + b',\n"unfit":'
        + encode(screen_plays.damaged_files)
        + b',\n"rejected":['
    )
    for number, record in enumerate(screen_plays.rejected):
        out.write(b",\n" if number else b"\n")
        out.write(encode(record))
    out.write(b"]}\n")
    out.flush()


def _print_csv(screen_plays: "ScreenPlays") -> None:
    from signage.evidence.play_export import CSV_COLUMNS, format_csv_row
    from signage.model.spreadsheet_csv import iter_csv_bytes

    for piece in iter_csv_bytes(
        CSV_COLUMNS, (format_csv_row(judged_play, screen_plays.zone) for judged_play in screen_plays.plays)
    ):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _print_lines(screen_plays: "ScreenPlays") -> None:
    from signage.evidence.play_export import create_play_view, list_details

    heads = ("corrected", "item", "ms", "result", "verdict", "run", "seq", "flags")
    rows = (
        (
            record.corrected_at.isoformat(sep=" ", timespec="seconds"),
            record.item,
            record.duration_ms,
            record.result,
            record.verdict,
            record.run,
            record.seq,
            " ".join((*record.flags, *(f"{name}={value}" for name, value in list_details(record)))),
        )
        for record in (create_play_view(judged_play, screen_plays.zone) for judged_play in screen_plays.plays)
    )
    while batch := list(islice(rows, 5000)):
        print_table(heads, batch)
    if screen_plays.gaps:
        click.echo()
        print_table(("gap: run", "first", "last", "why"), [(g.run, g.first, g.last, g.why) for g in screen_plays.gaps])
    rejected_rows = (
        (r.run, "" if r.seq is None else r.seq, r.why, (r.text or r.base64 or "")[:200]) for r in screen_plays.rejected
    )
    while rejected_batch := list(islice(rejected_rows, 5000)):
        click.echo()
        print_table(("rejected: run", "seq", "why", "as received"), rejected_batch)
