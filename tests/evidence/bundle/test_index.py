"""The page of a bundle lists all gaps of its period and of its unit's screens."""

import re

import pytest

from signage.evidence.bundle.scope import BundleScope
from tests.evidence.builders import create_body, create_play, parse_instant
from tests.evidence.bundle.test_export import made


@pytest.fixture
def listed(store, clock, tmp_path):
    def listed(scope=None):
        page = (made(store, clock, tmp_path, "bundle", scope) / "index.html").read_text("utf-8")
        table = page.partition("缺号")[2].partition("</table>")[0]
        rows = [re.findall(r"<td[^>]*>([^<\n]*)", row) for row in table.split("<tr>")[2:]]
        return [(row[0], int(row[2]), int(row[3]), row[4]) for row in rows if len(row) == 5]

    return listed


def send(intake, clock, screen, *days, item="315-2021/a", step=2):
    for number, day in enumerate(days):
        clock.at = parse_instant(f"2021-03-{day:02}T08:00:00+08:00")
        intake.submit(screen, create_body(create_play(1 + number * step, item=item, started_at=clock.at.isoformat())))


def test_gaps_are_of_the_bundle_s_period(intake, clock, listed):
    send(intake, clock, "taxi-0001", 1, 2, 15, 16, 28, 29)
    begin, end = parse_instant("2021-03-15T00:00:00+08:00"), parse_instant("2021-03-17T00:00:00+08:00")
    assert listed(BundleScope(begin, end)) == [("taxi-0001", n, n, "missing") for n in (4, 6, 8)]


def test_gaps_are_of_the_unit_s_screens_and_of_screens_with_its_plays(intake, clock, listed):
    send(intake, clock, "taxi-0001", 14, 15)
    send(intake, clock, "taxi-0002", 14, 15, item="other/a")
    send(intake, clock, "taxi-0003", 14, 15)
    unit = BundleScope(
        unit="u", is_unit_play=lambda one: one.screen == "taxi-0003", is_unit_screen=lambda name: name == "taxi-0001"
    )
    assert listed(unit) == [("taxi-0001", 2, 2, "missing"), ("taxi-0003", 2, 2, "missing")]


def test_all_gaps_are_listed(intake, clock, listed):
    for first in (1, 1001, 2001):
        intake.submit("taxi-0001", create_body(*(create_play(seq) for seq in range(first, first + 1000, 2))))
    assert [first for _, first, _, _ in listed()] == list(range(2, 3000, 2))


def test_an_undated_gap_is_marked(intake, clock, listed):
    send(intake, clock, "taxi-0001", 15)
    clock.on(days=1)
    intake.submit("taxi-0002", create_body(create_play(3, started_at=clock.now().isoformat())))
    assert listed(BundleScope(parse_instant("2021-03-15T00:00:00+08:00"), None)) == [
        ("taxi-0002", 1, 2, "missing（时间不详） (time unknown)")
    ]
