"""Chart of a load test (SVG): requests per second and 99th percentile of the latency over time."""

import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Sequence

from signage.bench.load_test.metrics import LoadTestResult, RequestSample, compute_percentiles

WIDTH, HEIGHT, LEFT, TOP, PLOT_W, PLOT_H, GAP = 960, 560, 70, 60, 850, 190, 70
COLORS = {"unchanged": "#9db8d9", "document": "#2f6db3", "plays": "#79b38a", "error": "#c8102e"}
LABELS = {"unchanged": "304", "document": "200", "plays": "plays", "error": "errors"}


def render_chart(moments: Sequence[RequestSample], outcome: LoadTestResult, act_at_s: float | None) -> bytes:
    """Render the chart of one run."""
    root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img")
    root.set("font-family", "sans-serif")
    root.set("font-size", "12")
    ET.SubElement(root, "rect", width=str(WIDTH), height=str(HEIGHT), fill="#ffffff")
    head = (
        f"{outcome.scenario}: {outcome.screens} screens, {outcome.polls_per_s:.0f} polls/s, latency p50 "
        f"{outcome.latency_ms.p50:.1f} ms, p99 {outcome.latency_ms.p99:.1f} ms, max {outcome.latency_ms.max:.0f} ms, "
        f"{sum(outcome.errors.values())} errors, client {outcome.client.cpu_share:.0%} of a core"
    )
    _draw_text(root, LEFT, 24, head, size=14)
    span = max(1.0, outcome.seconds)
    width_s = max(0.5, span / 120)
    groups: dict[int, list[RequestSample]] = defaultdict(list)
    for moment in moments:
        groups[int(moment.at_s / width_s)].append(moment)
    _draw_rates(root, groups, span, width_s)
    _draw_latencies(root, groups, span, width_s)
    if act_at_s is not None:
        x = LEFT + act_at_s / span * PLOT_W
        ET.SubElement(
            root,
            "line",
            x1=_format_number(x),
            x2=_format_number(x),
            y1=str(TOP),
            y2=str(TOP + 2 * PLOT_H + GAP),
            stroke="#555555",
        ).set("stroke-dasharray", "4 3")
        _draw_text(root, x + 4, TOP + 12, outcome.scenario)
    picture: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return picture


def _draw_rates(root: ET.Element, groups: dict[int, list[RequestSample]], span: float, width_s: float) -> None:
    most = max((len(g) / width_s for g in groups.values()), default=1.0)
    _draw_axes(root, TOP, "requests a second", most, span)
    bar = max(1.0, width_s / span * PLOT_W - 0.5)
    for index, group in groups.items():
        x, y = LEFT + index * width_s / span * PLOT_W, float(TOP + PLOT_H)
        for kind, color in COLORS.items():
            height = sum(m.kind == kind for m in group) / width_s / most * PLOT_H
            y -= height
            if height:
                ET.SubElement(
                    root,
                    "rect",
                    x=_format_number(x),
                    y=_format_number(y),
                    width=_format_number(bar),
                    height=_format_number(height),
                    fill=color,
                )
    for n, (kind, color) in enumerate(COLORS.items()):
        x = LEFT + PLOT_W - 260 + n * 70
        ET.SubElement(root, "rect", x=str(x), y=str(TOP - 16), width="10", height="10", fill=color)
        _draw_text(root, x + 14, TOP - 7, LABELS[kind])


def _draw_latencies(root: ET.Element, groups: dict[int, list[RequestSample]], span: float, width_s: float) -> None:
    top = TOP + PLOT_H + GAP
    rows = []
    for index in sorted(groups):
        taken = [m.took_ms for m in groups[index] if m.kind != "error"]
        if taken:
            rows.append((index * width_s, compute_percentiles(taken)))
    most = max((s.p99 for _, s in rows), default=1.0) or 1.0
    _draw_axes(root, top, "latency, ms (p99 dark, p50 light)", most, span)
    for pick, color in (("p50", "#9db8d9"), ("p99", "#1d3f66")):
        points = " ".join(
            f"{_format_number(LEFT + at / span * PLOT_W)},"
            f"{_format_number(top + PLOT_H - getattr(s, pick) / most * PLOT_H)}"
            for at, s in rows
        )
        ET.SubElement(root, "polyline", points=points, fill="none", stroke=color).set("stroke-width", "1.5")


def _draw_axes(root: ET.Element, top: int, title: str, most: float, span: float) -> None:
    _draw_text(root, LEFT, top - 7, title)
    for part in range(5):
        y = top + PLOT_H - part / 4 * PLOT_H
        ET.SubElement(
            root,
            "line",
            x1=str(LEFT),
            x2=str(LEFT + PLOT_W),
            y1=_format_number(y),
            y2=_format_number(y),
            stroke="#dddddd",
        )
        _draw_text(root, LEFT - 8, y + 4, f"{most * part / 4:.4g}", anchor="end")
    for part in range(7):
        x = LEFT + part / 6 * PLOT_W
        _draw_text(root, x, top + PLOT_H + 18, f"{span * part / 6:.0f} s", anchor="middle")


def _draw_text(root: ET.Element, x: float, y: float, text: str, *, size: int = 12, anchor: str = "start") -> None:
    element = ET.SubElement(root, "text", x=_format_number(x), y=_format_number(y), fill="#222222")
    element.set("text-anchor", anchor)
    element.set("font-size", str(size))
    element.text = text


def _format_number(value: float) -> str:
    return f"{value:.1f}"
