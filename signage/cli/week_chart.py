"""The picture of a week: screens × hours, what shows, as SVG or as PNG.

Laid out once as rectangles and texts; two pens draw them. What shows of the campaign itself is strong, what shows of
others is pale, takeovers are red, idle time is grey, dark is dark.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from signage.schedule.analysis.week_grid import Row, Shown
from signage.schedule.timezones import days

STRONG = ("#1d6fb8", "#0a8f6c", "#7a52c7", "#c26a00", "#0b7f99", "#8a6d00", "#b03a77", "#4c7a1f")
PALE = ("#c9d8e8", "#cfe5d6", "#ddd3ee", "#f0dcc2", "#cbe3e8", "#e9e2c4", "#ecd0df", "#d9e4c9")
INK, SOFT, LINE, PAPER = "#1c2530", "#5b6775", "#d5dbe2", "#ffffff"
DARK, IDLE, ORDER = "#2b2f36", "#eceff2", "#c62828"
LABEL, HOUR, ROW, TOP, RIGHT = 210, 8, 30, 84, 24
MOST_ROWS, MOST_REASONS = 400, 24
WEEK = (("Mon", "一"), ("Tue", "二"), ("Wed", "三"), ("Thu", "四"), ("Fri", "五"), ("Sat", "六"), ("Sun", "日"))


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    color: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; *x* is its beginning, *y* its middle."""

    x: float
    y: float
    text: str
    size: int
    color: str


Mark = Box | Words


@dataclass(frozen=True, slots=True)
class Picture:
    """Marks, in the order in which they are drawn."""

    width: int
    height: int
    marks: tuple[Mark, ...]


def picture(title: str, campaign: str, rows: Sequence[Row], zone: ZoneInfo, begin: datetime, end: datetime) -> Picture:
    """*rows* from *begin* to *end*, by the clock of *zone*; *campaign* is the one that the picture is about."""
    shown = rows[:MOST_ROWS]
    colors = _colors(campaign, shown)
    left_out = [f"… +{len(rows) - len(shown)}"] if len(rows) > len(shown) else []
    scale = _Scale(begin, end)
    foot = TOP + len(shown) * ROW + len(left_out) * ROW
    marks: list[Mark] = [Words(16, 24, title, 18, INK)]
    marks += _clock(scale, zone, foot)
    for number, row in enumerate(shown):
        marks += _row(row, TOP + number * ROW, scale, colors)
    marks += [Words(16, foot - ROW / 2, text, 12, SOFT) for text in left_out]
    marks += _legend(shown, colors, foot + 26)
    height = foot + 26 + 24 * min(len(colors), MOST_REASONS) + 16
    return Picture(round(scale.right) + RIGHT, height, tuple(marks))


@dataclass(frozen=True, slots=True)
class _Scale:
    begin: datetime
    end: datetime

    @property
    def right(self) -> float:
        return self.x(self.end)

    def x(self, at: datetime) -> float:
        return LABEL + (at - self.begin) / timedelta(hours=1) * HOUR


def _colors(campaign: str, rows: Sequence[Row]) -> dict[str, str]:
    """A colour for each reason; the campaign's own reasons first."""
    kinds = {shown.why: shown for row in rows for shown in row.shown}
    ours = [why for why, shown in kinds.items() if _is_ours(campaign, shown)]
    others = [why for why in kinds if why not in ours]
    found = {why: STRONG[number % len(STRONG)] for number, why in enumerate(ours)}
    for number, why in enumerate(others):
        fixed = {"dark": DARK, "still": IDLE, "takeover": ORDER}.get(kinds[why].kind)
        found[why] = fixed or PALE[number % len(PALE)]
    return found


def _is_ours(campaign: str, shown: Shown) -> bool:
    return campaign in shown.campaigns and shown.kind != "takeover"


def _row(row: Row, y: float, scale: _Scale, colors: dict[str, str]) -> Iterator[Mark]:
    more = f"  +{len(row.screens) - 1}" if len(row.screens) > 1 else ""
    yield Words(16, y + ROW / 2, _fitting(row.screens[0], LABEL - 40 - 8 * len(more)) + more, 13, INK)
    for shown in row.shown:
        x, width = scale.x(shown.from_), scale.x(shown.until) - scale.x(shown.from_)
        color = colors[shown.why]
        yield Box(x, y + 3, max(width - 0.6, 0.8), ROW - 6, color)
        short = shown.why.partition(" / ")[2] or shown.why
        text = _fitting(short, width - 8)
        if text == short or len(text) > 5:
            yield Words(x + 4, y + ROW / 2, text, 11, INK if color in (*PALE, IDLE) else PAPER)


def _clock(scale: _Scale, zone: ZoneInfo, foot: float) -> Iterator[Mark]:
    for first, last in days(zone, scale.begin, scale.end):
        begin, local = max(first, scale.begin), first.astimezone(zone)
        x = scale.x(begin)
        yield Box(x, TOP - 34, 1, foot - TOP + 34, SOFT if first >= scale.begin else LINE)
        english, chinese = WEEK[local.weekday()]
        if scale.x(min(last, scale.end)) - x > 90:
            yield Words(x + 6, TOP - 26, f"{local:%m-%d} {english} 周{chinese}", 12, INK)
        for hour in (6, 12, 18):
            at = local.replace(hour=hour).astimezone(first.tzinfo)
            if begin <= at < scale.end:
                yield Box(scale.x(at), TOP - 4, 1, foot - TOP + 4, LINE)
                yield Words(scale.x(at) - 6, TOP - 11, str(hour), 10, SOFT)
    yield Box(LABEL, TOP - 1, scale.right - LABEL, 1, SOFT)
    yield Box(LABEL, foot, scale.right - LABEL, 1, SOFT)


def _legend(rows: Sequence[Row], colors: dict[str, str], y: float) -> Iterator[Mark]:
    hours = dict.fromkeys(colors, 0.0)
    for row in rows:
        for shown in row.shown:
            hours[shown.why] += (shown.until - shown.from_) / timedelta(hours=1) * len(row.screens)
    for number, (why, color) in enumerate(list(colors.items())[:MOST_REASONS]):
        yield Box(LABEL, y + 24 * number, 16, 16, color)
        yield Words(LABEL + 26, y + 24 * number + 8, f"{why}   ({hours[why]:,.1f} h)", 13, INK)


def _fitting(text: str, width: float) -> str:
    room = int(width / 6.6)
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def svg(picture: Picture) -> str:
    """The picture as SVG."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{picture.width}" height="{picture.height}" '
        f'viewBox="0 0 {picture.width} {picture.height}" '
        'font-family="&quot;Noto Sans SC&quot;, &quot;Noto Sans CJK SC&quot;, sans-serif">',
        f'<rect width="{picture.width}" height="{picture.height}" fill="{PAPER}"/>',
    ]
    for mark in picture.marks:
        if isinstance(mark, Box):
            place = f'x="{mark.x:.1f}" y="{mark.y:.1f}" width="{mark.width:.1f}" height="{mark.height:.1f}"'
            lines.append(f'<rect {place} fill="{mark.color}"/>')
        else:
            place = f'x="{mark.x:.1f}" y="{mark.y:.1f}" font-size="{mark.size}" fill="{mark.color}"'
            lines.append(f'<text {place} dominant-baseline="central">{html.escape(mark.text)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def write(picture: Picture, path: Path) -> None:
    """Write the picture to *path*: SVG, or PNG by the ending."""
    if path.suffix.lower() == ".png":
        _write_png(picture, path)
    else:
        path.write_text(svg(picture), encoding="utf-8")


def _write_png(picture: Picture, path: Path, zoom: int = 2) -> None:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (picture.width * zoom, picture.height * zoom), PAPER)
    draw = ImageDraw.Draw(image)
    with resources.as_file(resources.files("signage.pixels.fonts") / "signage-sans-sc-medium.ttf") as file:
        sizes = {mark.size for mark in picture.marks if isinstance(mark, Words)}
        fonts = {size: ImageFont.truetype(file, size * zoom) for size in sizes}
        for mark in picture.marks:
            if isinstance(mark, Box):
                corner = ((mark.x + mark.width) * zoom - 1, (mark.y + mark.height) * zoom - 1)
                draw.rectangle((mark.x * zoom, mark.y * zoom, *corner), fill=mark.color)
            else:
                draw.text((mark.x * zoom, mark.y * zoom), mark.text, mark.color, fonts[mark.size], anchor="lm")
    image.save(path)
