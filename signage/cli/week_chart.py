"""Chart of a week: screens × hours, as SVG or PNG.

Laid out once as rectangles and texts, drawn by two renderers. Content of the campaign itself has strong colours, that
of others pale ones; takeovers are red, idle time is grey, dark is dark.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from signage.schedule.analysis.week_grid import WeekGridCell, WeekGridRow
from signage.schedule.timezones import list_local_days

OWN_COLORS = ("#1d6fb8", "#0a8f6c", "#7a52c7", "#c26a00", "#0b7f99", "#8a6d00", "#b03a77", "#4c7a1f")
OTHER_COLORS = ("#c9d8e8", "#cfe5d6", "#ddd3ee", "#f0dcc2", "#cbe3e8", "#e9e2c4", "#ecd0df", "#d9e4c9")
TEXT_COLOR, MUTED_COLOR, RULE_COLOR, BACKGROUND_COLOR = "#1c2530", "#5b6775", "#d5dbe2", "#ffffff"
DARK_COLOR, IDLE_COLOR, TAKEOVER_COLOR = "#2b2f36", "#eceff2", "#c62828"
LABEL_WIDTH, HOUR_WIDTH, ROW_HEIGHT, TOP_MARGIN, RIGHT_MARGIN = 210, 8, 30, 84, 24
MAX_ROWS, MAX_REASONS = 400, 24
WEEKDAY_NAMES = (
    ("Mon", "一"),
    ("Tue", "二"),
    ("Wed", "三"),
    ("Thu", "四"),
    ("Fri", "五"),
    ("Sat", "六"),
    ("Sun", "日"),
)


@dataclass(frozen=True, slots=True)
class ChartBox:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    color: str


@dataclass(frozen=True, slots=True)
class ChartText:
    """A line of text; *x* is its left edge, *y* its middle."""

    x: float
    y: float
    text: str
    size: int
    color: str


ChartMark = ChartBox | ChartText


@dataclass(frozen=True, slots=True)
class WeekChart:
    """The chart's shapes in drawing order."""

    width: int
    height: int
    marks: tuple[ChartMark, ...]


def build_week_chart(
    title: str, campaign: str, rows: Sequence[WeekGridRow], zone: ZoneInfo, begin: datetime, end: datetime
) -> WeekChart:
    """Build the chart of *rows* from *begin* to *end* in local time of *zone*; *campaign* is its subject."""
    shown = rows[:MAX_ROWS]
    colors = _assign_colors(campaign, shown)
    left_out = [f"… +{len(rows) - len(shown)}"] if len(rows) > len(shown) else []
    scale = _TimeScale(begin, end)
    foot = TOP_MARGIN + len(shown) * ROW_HEIGHT + len(left_out) * ROW_HEIGHT
    marks: list[ChartMark] = [ChartText(16, 24, title, 18, TEXT_COLOR)]
    marks += _layout_time_axis(scale, zone, foot)
    for number, row in enumerate(shown):
        marks += _layout_row(row, TOP_MARGIN + number * ROW_HEIGHT, scale, colors)
    marks += [ChartText(16, foot - ROW_HEIGHT / 2, text, 12, MUTED_COLOR) for text in left_out]
    marks += _layout_legend(shown, colors, foot + 26)
    height = foot + 26 + 24 * min(len(colors), MAX_REASONS) + 16
    return WeekChart(round(scale.right) + RIGHT_MARGIN, height, tuple(marks))


@dataclass(frozen=True, slots=True)
class _TimeScale:
    begin: datetime
    end: datetime

    @property
    def right(self) -> float:
        return self.get_x(self.end)

    def get_x(self, at: datetime) -> float:
        return LABEL_WIDTH + (at - self.begin) / timedelta(hours=1) * HOUR_WIDTH


def _assign_colors(campaign: str, rows: Sequence[WeekGridRow]) -> dict[str, str]:
    """Assign a colour to each reason, the campaign's own reasons first."""
    kinds = {shown.why: shown for row in rows for shown in row.cells}
    ours = [why for why, shown in kinds.items() if _is_own(campaign, shown)]
    others = [why for why in kinds if why not in ours]
    found = {why: OWN_COLORS[number % len(OWN_COLORS)] for number, why in enumerate(ours)}
    for number, why in enumerate(others):
        fixed = {"dark": DARK_COLOR, "still": IDLE_COLOR, "takeover": TAKEOVER_COLOR}.get(kinds[why].kind)
        found[why] = fixed or OTHER_COLORS[number % len(OTHER_COLORS)]
    return found


def _is_own(campaign: str, shown: WeekGridCell) -> bool:
    return campaign in shown.campaigns and shown.kind != "takeover"


def _layout_row(row: WeekGridRow, y: float, scale: _TimeScale, colors: dict[str, str]) -> Iterator[ChartMark]:
    more = f"  +{len(row.screens) - 1}" if len(row.screens) > 1 else ""
    yield ChartText(
        16, y + ROW_HEIGHT / 2, _truncate_text(row.screens[0], LABEL_WIDTH - 40 - 8 * len(more)) + more, 13, TEXT_COLOR
    )
    for shown in row.cells:
        x, width = scale.get_x(shown.from_), scale.get_x(shown.until) - scale.get_x(shown.from_)
        color = colors[shown.why]
        yield ChartBox(x, y + 3, max(width - 0.6, 0.8), ROW_HEIGHT - 6, color)
        short = shown.why.partition(" / ")[2] or shown.why
        text = _truncate_text(short, width - 8)
        if text == short or len(text) > 5:
            yield ChartText(
                x + 4,
                y + ROW_HEIGHT / 2,
                text,
                11,
                TEXT_COLOR if color in (*OTHER_COLORS, IDLE_COLOR) else BACKGROUND_COLOR,
            )


def _layout_time_axis(scale: _TimeScale, zone: ZoneInfo, foot: float) -> Iterator[ChartMark]:
    for first, last in list_local_days(zone, scale.begin, scale.end):
        begin, local = max(first, scale.begin), first.astimezone(zone)
        x = scale.get_x(begin)
        yield ChartBox(
            x, TOP_MARGIN - 34, 1, foot - TOP_MARGIN + 34, MUTED_COLOR if first >= scale.begin else RULE_COLOR
        )
        english, chinese = WEEKDAY_NAMES[local.weekday()]
        if scale.get_x(min(last, scale.end)) - x > 90:
            yield ChartText(x + 6, TOP_MARGIN - 26, f"{local:%m-%d} {english} 周{chinese}", 12, TEXT_COLOR)
        for hour in (6, 12, 18):
            at = local.replace(hour=hour).astimezone(first.tzinfo)
            if begin <= at < scale.end:
                yield ChartBox(scale.get_x(at), TOP_MARGIN - 4, 1, foot - TOP_MARGIN + 4, RULE_COLOR)
                yield ChartText(scale.get_x(at) - 6, TOP_MARGIN - 11, str(hour), 10, MUTED_COLOR)
    yield ChartBox(LABEL_WIDTH, TOP_MARGIN - 1, scale.right - LABEL_WIDTH, 1, MUTED_COLOR)
    yield ChartBox(LABEL_WIDTH, foot, scale.right - LABEL_WIDTH, 1, MUTED_COLOR)


def _layout_legend(rows: Sequence[WeekGridRow], colors: dict[str, str], y: float) -> Iterator[ChartMark]:
    hours = dict.fromkeys(colors, 0.0)
    for row in rows:
        for shown in row.cells:
            hours[shown.why] += (shown.until - shown.from_) / timedelta(hours=1) * len(row.screens)
    for number, (why, color) in enumerate(list(colors.items())[:MAX_REASONS]):
        yield ChartBox(LABEL_WIDTH, y + 24 * number, 16, 16, color)
        yield ChartText(LABEL_WIDTH + 26, y + 24 * number + 8, f"{why}   ({hours[why]:,.1f} h)", 13, TEXT_COLOR)


def _truncate_text(text: str, width: float) -> str:
    room = int(width / 6.6)
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def render_svg(picture: WeekChart) -> str:
    """Render the chart as SVG."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{picture.width}" height="{picture.height}" '
        f'viewBox="0 0 {picture.width} {picture.height}" '
        'font-family="&quot;Noto Sans SC&quot;, &quot;Noto Sans CJK SC&quot;, sans-serif">',
        f'<rect width="{picture.width}" height="{picture.height}" fill="{BACKGROUND_COLOR}"/>',
    ]
    for mark in picture.marks:
        if isinstance(mark, ChartBox):
            place = f'x="{mark.x:.1f}" y="{mark.y:.1f}" width="{mark.width:.1f}" height="{mark.height:.1f}"'
            lines.append(f'<rect {place} fill="{mark.color}"/>')
        else:
            place = f'x="{mark.x:.1f}" y="{mark.y:.1f}" font-size="{mark.size}" fill="{mark.color}"'
            lines.append(f'<text {place} dominant-baseline="central">{html.escape(mark.text)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def write_chart(picture: WeekChart, path: Path) -> None:
    """Write the chart to *path*: SVG, or PNG by its extension."""
    if path.suffix.lower() == ".png":
        _write_png(picture, path)
    else:
        path.write_text(render_svg(picture), encoding="utf-8")


def _write_png(picture: WeekChart, path: Path, zoom: int = 2) -> None:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (picture.width * zoom, picture.height * zoom), BACKGROUND_COLOR)
    draw = ImageDraw.Draw(image)
    with resources.as_file(resources.files("signage.pixels.fonts") / "signage-sans-sc-medium.ttf") as file:
        sizes = {mark.size for mark in picture.marks if isinstance(mark, ChartText)}
        fonts = {size: ImageFont.truetype(file, size * zoom) for size in sizes}
        for mark in picture.marks:
            if isinstance(mark, ChartBox):
                corner = ((mark.x + mark.width) * zoom - 1, (mark.y + mark.height) * zoom - 1)
                draw.rectangle((mark.x * zoom, mark.y * zoom, *corner), fill=mark.color)
            else:
                draw.text((mark.x * zoom, mark.y * zoom), mark.text, mark.color, fonts[mark.size], anchor="lm")
    image.save(path)
