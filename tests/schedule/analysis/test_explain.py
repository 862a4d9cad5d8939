"""Explanations in Chinese and English, compared with ``golden/CASE.zh.txt`` and ``golden/CASE.en.txt``.

After a change of wording: ``GOLDEN=write pytest tests/schedule/analysis/test_explain.py``, and review the files.
"""

import os
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from signage.faults import Fault
from signage.model.campaign import Campaign
from signage.model.screen import OperatingHours, Screen
from signage.model.takeover import Takeover
from signage.schedule.analysis.explain import explain, render_trace_step
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from tests.schedule.builders import (
    build_campaign,
    build_lengths,
    build_loops,
    build_screen,
    build_snapshot,
    parse_instant,
    rotate_in_order,
)
from tests.schedule.strategies import build_snapshot_and_oracle, oracle_examples, oracle_inputs

GOLDEN = Path(__file__).parent / "golden"
SHANGHAI = ZoneInfo("Asia/Shanghai")

RIGHTS = build_campaign(
    """
    priority = 10
    [[item]]
    id = "theme"
    weight = 2
    [[item]]
    id = "film"
    duration_s = 15
    from = 2021-03-12T00:00:00
    until = 2021-03-16T00:00:00
    [[item]]
    id = "tall-film"
    [daypart.daytime]
    from = 06:30:00
    until = 22:00:00
    days = ["workday"]
    [[placement]]
    screens = ["kind:taxi-roof", "!tag:depot"]
    dayparts = ["daytime"]
    share = 3
    [[placement]]
    screens = ["group:buses"]
    items = ["theme"]
    [[placement]]
    screens = ["kind:street"]
    """,
    "rights",
)
NIGHT = build_campaign(
    """
    [[item]]
    id = "lamp"
    [daypart.sat-night]
    days = ["sat"]
    from = 22:00:00
    until = 02:00:00
    [[placement]]
    dayparts = ["sat-night"]
    """,
    "night",
)
SPARSE = build_campaign(
    """
    [[item]]
    id = "rare"
    [[item]]
    id = "often"
    [[placement]]
    items = ["rare"]
    max_per_hour = 2
    [[placement]]
    items = ["often"]
    """,
    "sparse",
)
HOUSE = build_campaign('[[placement]]\nscreens = ["kind:none"]', "house")
BUS = build_screen("taxi-0001", groups=("buses",))


def build_takeover(number: int, **what: object) -> Takeover:
    begin = parse_instant("2021-03-15T09:55+08:00") + timedelta(minutes=number)
    end = begin + timedelta(minutes=30)
    return Takeover(f"storm-{number}", number, ("*",), begin, end, "duty-li", "暴雨红色预警", **what)  # type: ignore[arg-type]


CASES: dict[str, tuple[tuple[Campaign, ...], Screen, str, dict[str, object]]] = {
    "a-workday-with-two-placements": ((RIGHTS, NIGHT), BUS, "2021-03-15T10:00:07+08:00", {}),
    "a-saturday-is-no-workday": ((RIGHTS,), build_screen("taxi-0002"), "2021-03-13T10:00+08:00", {}),
    "sunday-morning-belongs-to-saturday-night": ((NIGHT,), BUS, "2021-03-14T01:30+08:00", {}),
    "a-depot-roof-falls-to-its-default": (
        (RIGHTS, HOUSE),
        build_screen("taxi-0003", tags=("depot",), default_campaign="house"),
        "2021-03-15T10:00+08:00",
        {},
    ),
    "of-two-takeovers-the-later": (
        (RIGHTS,),
        BUS,
        "2021-03-15T10:00:07+08:00",
        {"takeovers": (build_takeover(1, text="疏散"), build_takeover(2, text="请勿靠近水边"))},
    ),
    "dark-outside-operating-hours": (
        (SPARSE,),
        build_screen("taxi-0004", hours=(OperatingHours(time(6), time(23)),)),
        "2021-03-15T23:30+08:00",
        {},
    ),
    "limits-bind": ((SPARSE,), BUS, "2021-03-15T10:00:07+08:00", {}),
    "waiting-for-approval": ((), BUS, "2021-03-15T10:00+08:00", {"unapproved": frozenset({"rights"})}),
}


def render_case(name: str, language: str) -> str:
    campaigns, target, when, more = CASES[name]
    here: ScheduleSnapshot = build_snapshot(*campaigns, **more)
    lengths = build_lengths(*campaigns) | {"_takeover/storm-1": 8000, "_takeover/storm-2": 8000}
    lengths["rights/tall-film"] = Fault("error", "panel-cannot-play", facts={"panel": target.panel, "kind": "film"})
    found = explain(here, target, lengths, parse_instant(when), build_loops(lengths))
    lines = [
        f"{target.id}  {parse_instant(when).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}  {found.item}",
        found.program.why,
        "",
    ]
    for step in found.trace:
        sentence = render_trace_step(step, "zh" if language == "zh" else "en", SHANGHAI)
        assert "{" not in sentence and not sentence.startswith("explain-")
        lines.append(f"{'+' if step.kept else '-'} {step.rule:<11} {step.candidate:<16} {sentence}")
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", CASES)
def test_the_explanation_is_the_one_that_was_read(name: str, language: str) -> None:
    path = GOLDEN / f"{name}.{language}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(render_case(name, language), encoding="utf-8")
    assert render_case(name, language) == path.read_text("utf-8")


@pytest.mark.slow
@oracle_examples(200)
@given(oracle_inputs())
def test_the_trace_ends_at_the_live_content_of_the_program(inputs: dict[str, Any]) -> None:
    snapshot, _ = build_snapshot_and_oracle(inputs)
    lengths = inputs["lengths"]
    rotations = RotationCache(lengths, 3_600_000, rotate_in_order)
    for drawn in inputs["screens"]:
        for hours in (-30, -3, 2, 17):
            at = inputs["day"] + timedelta(hours=hours, minutes=4)
            explanation = explain(snapshot, drawn, lengths, at, rotations)
            kept_steps = [step for step in explanation.trace if step.kept]
            kept = {step.candidate for step in kept_steps}
            live = explanation.program.live
            if live.kind == "takeover":
                assert live.why.removeprefix("takeover: ") in kept
            elif live.kind == "dark":
                assert any(step.code == "hours-dark" for step in explanation.trace)
            elif live.kind == "still":
                assert "_signage/still" in kept
            else:
                campaigns = {step.candidate for step in kept_steps if step.rule in ("priority", "default")}
                assert campaigns == {placement.campaign for placement in live.placements}
                assert explanation.item in kept
