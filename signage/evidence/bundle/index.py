"""``index.html``: the bundle for reading, in Chinese and English. It proves nothing; it says where the proofs are."""

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
from signage.protocol.epoch import to_ms
from signage.store import audit_log as audit
from signage.store.engine import Connection
from signage.store.plays import plays as table

MAX_ENTRIES = 1_000

_VERDICT_LABELS = {
    "as-planned": ("按计划", "as planned"),
    "late": ("晚于计划", "late"),
    "cut": ("中断", "cut"),
    "extra": ("多播", "extra"),
    "not-planned": ("未安排", "not planned"),
    "not-approved": ("未审批", "not approved"),
    "not-shown": ("未播出", "not shown"),
    "not-judged": ("无法核对", "not judged"),
}


def write_page(
    connection: Connection,
    scope: BundleScope,
    totals: BundleTotals,
    known: PriorLogState,
    facts: dict[str, Any],
    folder: Path,
) -> None:
    """Write the page."""
    with (folder / "index.html").open("w", encoding="utf-8", newline="\n") as out:
        for piece in _render_page(connection, scope, totals, known, facts, folder):
            out.write(piece)


def _render_page(
    connection: Connection,
    scope: BundleScope,
    totals: BundleTotals,
    known: PriorLogState,
    facts: dict[str, Any],
    folder: Path,
) -> Iterator[str]:
    style = (resources.files(__package__) / "index.css").read_text("utf-8")
    yield (
        '<!doctype html>\n<html lang="zh">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>审计证据包 · Audit bundle</title>\n<style>\n{style}</style>\n"
        '<h1>审计证据包 <span class="en" lang="en">Audit bundle</span></h1>\n'
    )
    yield from _render_table((), _list_facts(scope, totals, known, facts))
    yield _render_heading("如何验证", "How to verify")
    yield _render_instructions(facts["signed_by"])
    if left_out := facts.get("left_out"):
        yield _render_heading(
            "未列入的归档文件（缺失，或与封存时不符）", "Archive files left out: missing, or not those that were sealed"
        )
        yield from _render_table(
            ("日期 Day", "文件 File", "原因 Why", "封存时的 sha256 as sealed"),
            ((one["day"], one["file"], one["why"], one["sha256"]) for one in left_out),
        )
    yield _render_heading("播放核对", "Plays against what was published")
    verdicts = ((*_VERDICT_LABELS[name], totals.verdicts[name]) for name in VERDICTS)
    yield from _render_table(("核对结果", "Verdict", "#条数 Plays"), verdicts)
    yield _render_heading("各条目", "By item")
    items = ((item, n[0], n[1], f"{n[2] / 1000:.1f}") for item, n in sorted(totals.items.items()))
    yield from _render_table(("条目 Item", "#记录 Plays", "#完整播放 Completed", "#播出秒数 Seconds shown"), items)
    yield from _render_thumbnails(folder)
    yield _render_heading("缺号", "Gaps in the screens' numbers")
    yield from _render_table(
        ("屏 Screen", "运行 Run", "#起 First", "#止 Last", "原因 Why"), _list_gap_rows(connection, scope, totals)
    )
    yield _render_heading(
        f"日志条目（最近 {MAX_ENTRIES} 条，全部见 audit.jsonl）",
        "Entries of the log, the newest; all are in audit.jsonl",
    )
    yield from _render_table(
        ("#序号", "时间 At", "谁 Who", "做了什么 What", "对象 Object", "详情 Details"),
        _list_entry_rows(connection, scope),
    )
    yield "</html>\n"


def _list_facts(
    scope: BundleScope, totals: BundleTotals, known: PriorLogState, facts: dict[str, Any]
) -> Iterator[tuple[str, object]]:
    beginning, end = "自开始 from the beginning", "至制作时 until it was made"
    yield "制作时间 Made at", facts["made_at"]
    yield "期间 Period", f"{scope.from_ or beginning} — {scope.until or end}"
    yield "单位 Unit", scope.unit or "全部 all"
    yield "检查点密钥 Checkpoint key", ", ".join(facts["signed_by"])
    yield "日志条目（制作前）Entries before this one", known.entry_count
    yield "播放记录 Plays", totals.plays
    yield "完整播放 Completed", totals.completed
    yield "播出小时 Hours shown", f"{totals.shown_ms / 3_600_000:.2f}"
    yield "文件 Documents as published", "playlists/"


def _render_instructions(keys: Sequence[str]) -> str:
    key = escape(keys[0]) if keys else "KEYID"
    return (
        "<p>文件夹内的 <code>verify.py</code> 只需 Python 3.8 以上，不需联网，也不需本系统："
        '<br><span class="en" lang="en">'
        "verify.py in this folder needs Python 3.8 or later and nothing else:</span></p>\n"
        f"<pre>python3 verify.py\npython3 verify.py --key {key}\npython3 verify.py --since 旧证据包/</pre>\n"
        "<p>请将密钥编号与以前报告上印出的编号核对。"
        '<span class="en" lang="en">Compare the key with the one printed on earlier reports.</span></p>\n'
    )


def _render_thumbnails(folder: Path) -> Iterator[str]:
    pictures = sorted((folder / "thumbnails").iterdir())
    if not pictures:
        return
    yield _render_heading("播出画面", "What was shown")
    for path in pictures:
        name = escape(path.stem.rsplit("-", 1)[0].replace("--", "/"))
        yield f'<figure><img src="thumbnails/{escape(path.name)}" alt="{name}" loading="lazy">{name}</figure>\n'


def _list_gap_rows(connection: Connection, scope: BundleScope, totals: BundleTotals) -> Iterator[tuple[object, ...]]:
    """All that may be of the period, on the unit's screens and on those with plays in the bundle."""
    begin, end = (None if at is None else to_ms(at) for at in (scope.from_, scope.until))
    for run in table.list_runs(connection):
        if scope.is_unit_screen(run.screen) or run.screen in totals.screens:
            for gap, dated in list_gaps_within(connection, run, begin, end):
                why = gap.why if dated or scope.from_ is None else f"{gap.why}（时间不详 when is not known）"
                yield run.screen, run.run, gap.first, gap.last, why


def _list_entry_rows(connection: Connection, scope: BundleScope) -> Iterator[tuple[object, ...]]:
    for entry in audit.list_newest_entries(connection, limit=MAX_ENTRIES, from_=scope.from_, until=scope.until):
        said = entry.parse()
        if scope.is_unit_entry(said):
            details = audit.encode_canonical(said["details"]).decode("utf-8")
            yield said["record"], said["at"], said["who"], said["verb"], said["object"], details[:400]


def _render_heading(zh: str, en: str) -> str:
    return f'<h2>{escape(zh)} <span class="en" lang="en">{escape(en)}</span></h2>\n'


def _render_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table; a head that begins with # stands over numbers."""
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
        yield f'<tr><td colspan="{max(len(heads), 1)}">无 None\n'
    yield "</table>\n"


def _format_class_attribute(number: bool) -> str:
    return ' class="n"' if number else ""
