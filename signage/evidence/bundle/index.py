"""Writes ``index.html``: the bundle for human readers, in Chinese and English, with directions for verification."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from signage.evidence.bundle.log_part import PriorLogState
from signage.evidence.bundle.play_parts import BundleTotals
from signage.evidence.bundle.scope import BundleScope
from signage.evidence.judge import VERDICTS
from signage.evidence.judged_plays import list_gaps_within
from signage.messages import Language, render_message
from signage.protocol.epoch import to_ms
from signage.store import audit_log as audit
from signage.store.engine import Connection
from signage.store.plays import plays as table

MAX_ENTRIES = 1_000
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def write_page(
    connection: Connection,
    scope: BundleScope,
    totals: BundleTotals,
    prior: PriorLogState,
    facts: dict[str, Any],
    folder: Path,
) -> None:
    """Write ``index.html`` into *folder*."""
    with (folder / "index.html").open("w", encoding="utf-8", newline="\n") as out:
        for piece in _render_page(connection, scope, totals, prior, facts, folder):
            out.write(piece)


def _render_page(
    connection: Connection,
    scope: BundleScope,
    totals: BundleTotals,
    prior: PriorLogState,
    facts: dict[str, Any],
    folder: Path,
) -> Iterator[str]:
    style = (resources.files(__package__) / "index.css").read_text("utf-8")
    yield (
        '<!doctype html>\n<html lang="zh">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{_label('bundle-title', ' · ')}</title>\n<style>\n{style}</style>\n"
        f"<h1>{_render_both('bundle-title')}</h1>\n"
    )
    yield from _render_table((), _list_facts(scope, totals, prior, facts))
    yield _render_heading("bundle-verify")
    yield _render_instructions(facts["signed_by"])
    if left_out := facts.get("left_out"):
        yield _render_heading("bundle-left-out")
        yield from _render_table(
            _heads("day", "file", "reason", "sealed-hash"),
            ((file["day"], file["file"], file["why"], file["sha256"]) for file in left_out),
        )
    yield _render_heading("bundle-verdicts")
    verdicts = ((_label(f"verdict-{name}"), totals.verdicts[name]) for name in VERDICTS)
    yield from _render_table(_heads("verdict", "#plays"), verdicts)
    yield _render_heading("bundle-items")
    items = ((item, n[0], n[1], f"{n[2] / 1000:.1f}") for item, n in sorted(totals.items.items()))
    yield from _render_table(_heads("item", "#plays", "#completed", "#seconds"), items)
    yield from _render_thumbnails(folder)
    yield _render_heading("bundle-gaps")
    yield from _render_table(
        _heads("screen", "run", "#first", "#last", "reason"), _list_gap_rows(connection, scope, totals)
    )
    yield _render_heading("bundle-entries", most=MAX_ENTRIES)
    yield from _render_table(
        _heads("#number", "time", "actor", "action", "object", "details"),
        _list_entry_rows(connection, scope),
    )
    yield "</html>\n"


def _list_facts(
    scope: BundleScope, totals: BundleTotals, prior: PriorLogState, facts: dict[str, Any]
) -> Iterator[tuple[str, object]]:
    beginning, end = _label("bundle-fact-from-start"), _label("bundle-fact-until-made")
    yield _label("bundle-fact-made"), facts["made_at"]
    yield _label("bundle-fact-period"), f"{scope.from_ or beginning} — {scope.until or end}"
    yield _label("bundle-fact-unit"), scope.unit or _label("bundle-fact-all")
    yield _label("bundle-fact-key"), ", ".join(facts["signed_by"])
    yield _label("bundle-fact-entries"), prior.entry_count
    yield _label("bundle-fact-plays"), totals.plays
    yield _label("bundle-fact-completed"), totals.completed
    yield _label("bundle-fact-hours"), f"{totals.shown_ms / 3_600_000:.2f}"
    yield _label("bundle-fact-playlists"), "playlists/"


def _render_instructions(keys: Sequence[str]) -> str:
    key = escape(keys[0]) if keys else "KEYID"
    return (
        f"<p>{_render_both('bundle-verify-how')}</p>\n"
        f"<pre>python3 verify.py\npython3 verify.py --key {key}\n"
        f"python3 verify.py --since {_label('bundle-older')}</pre>\n"
        f"<p>{_render_both('bundle-verify-key')}</p>\n"
    )


def _render_thumbnails(folder: Path) -> Iterator[str]:
    pictures = sorted((folder / "thumbnails").iterdir())
    if not pictures:
        return
    yield _render_heading("bundle-pictures")
    for path in pictures:
        name = escape(path.stem.rsplit("-", 1)[0].replace("--", "/"))
        yield f'<figure><img src="thumbnails/{escape(path.name)}" alt="{name}" loading="lazy">{name}</figure>\n'


def _list_gap_rows(connection: Connection, scope: BundleScope, totals: BundleTotals) -> Iterator[tuple[object, ...]]:
    """Yield the gaps that may lie in the period, of the unit's screens and of screens with plays in the bundle."""
    begin, end = (None if at is None else to_ms(at) for at in (scope.from_, scope.until))
    for run in table.list_runs(connection):
        if scope.is_unit_screen(run.screen) or run.screen in totals.screens:
            for gap, dated in list_gaps_within(connection, run, begin, end):
                why = gap.why if dated or scope.from_ is None else f"{gap.why}{_label('report-undated')}"
                yield run.screen, run.run, gap.first, gap.last, why


def _list_entry_rows(connection: Connection, scope: BundleScope) -> Iterator[tuple[object, ...]]:
    for entry in audit.list_newest_entries(connection, limit=MAX_ENTRIES, from_=scope.from_, until=scope.until):
        record = entry.parse()
        if scope.is_unit_entry(record):
            details = audit.encode_canonical(record["details"]).decode("utf-8")
            yield record["record"], record["at"], record["who"], record["verb"], record["object"], details[:400]


def _render_heading(code: str, **facts: object) -> str:
    return f"<h2>{_render_both(code, **facts)}</h2>\n"


def _render_both(code: str, **facts: object) -> str:
    """Return the message in Chinese and, marked up, in English."""
    zh, en = (escape(render_message(code, language, facts)) for language in LANGUAGES)
    return f'{zh} <span class="en" lang="en">{en}</span>'


def _label(code: str, separator: str = " ") -> str:
    """Return the message in Chinese and English, one after the other."""
    return separator.join(render_message(code, language, {}).strip() for language in LANGUAGES)


def _heads(*names: str) -> tuple[str, ...]:
    """Return table heads; ``#`` before a name marks a column of numbers."""
    return tuple(("#" if name[0] == "#" else "") + _label(f"bundle-head-{name.lstrip('#')}") for name in names)


def _render_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Render a table; a header that starts with # marks a column of numbers."""
    number = [head.startswith("#") for head in heads]
    yield "<table>\n"
    if heads:
        cells = (
            f"<th{_format_class_attribute(n)}>{escape(head.lstrip('#'))}" for head, n in zip(heads, number, strict=True)
        )
        yield "<thead><tr>" + "".join(cells) + "\n"
    empty = True
    for row in rows:
        empty = False
        flags = number or [False] * len(row)
        cells = (f"<td{_format_class_attribute(n)}>{escape(str(cell))}" for cell, n in zip(row, flags, strict=True))
        yield "<tr>" + "".join(cells) + "\n"
    if empty:
        yield f'<tr><td colspan="{max(len(heads), 1)}">{_label("bundle-none")}\n'
    yield "</table>\n"


def _format_class_attribute(number: bool) -> str:
    return ' class="n"' if number else ""
