"""The renderer draws the golden pictures, and RENDERER_VERSION changes with their pixels."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from signage.model.panel import Panel
from signage.pixels.renderer_version import RENDERER_VERSION
from tests.pixels.golden_pictures import (
    GOLDEN,
    SCRIPT_PANELS,
    SMALL_PANELS,
    Digests,
    compute_panel_digests,
    hash_digests,
    render_sheet,
    write_version,
)
from tests.pixels.panels import PANELS, SCRIPT_TEXTS


def read_golden_digests() -> Digests:
    digests: Digests = json.loads((GOLDEN / "digests.json").read_text("utf-8"))
    return digests


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_the_pictures_of_a_panel_are_the_golden_ones(panel: Panel) -> None:
    assert compute_panel_digests(panel) == read_golden_digests()[panel.id]


@pytest.mark.parametrize("panel", SMALL_PANELS, ids=lambda panel: panel.id)
def test_the_pictures_of_small_panels_are_those_beside_the_tests(panel: Panel) -> None:
    with Image.open(GOLDEN / f"{panel.id}.png") as golden:
        assert golden.convert("RGB").tobytes() == render_sheet(panel).tobytes()


@pytest.mark.parametrize("panel_id", SCRIPT_PANELS)
def test_the_pictures_of_the_scripts_are_those_beside_the_tests(panel_id: str) -> None:
    with Image.open(GOLDEN / f"scripts-{panel_id}.png") as golden:
        assert golden.convert("RGB").tobytes() == render_sheet(PANELS[panel_id], SCRIPT_TEXTS).tobytes()


def test_the_version_is_the_one_of_the_golden_pictures() -> None:
    recorded = json.loads((GOLDEN / "renderer_version.json").read_text("utf-8"))
    assert recorded == {"version": RENDERER_VERSION, "sha256": hash_digests(read_golden_digests())}


def test_changed_pixels_are_not_recorded_under_the_same_version(tmp_path: Path) -> None:
    before, after = {"roof": {"still": "0123"}}, {"roof": {"still": "4567"}}
    write_version(tmp_path, "slogans 1", before)
    write_version(tmp_path, "slogans 1", before)
    with pytest.raises(SystemExit, match="RENDERER_VERSION"):
        write_version(tmp_path, "slogans 1", after)
    write_version(tmp_path, "slogans 2", after)
    recorded = json.loads((tmp_path / "renderer_version.json").read_text("utf-8"))
    assert recorded == {"version": "slogans 2", "sha256": hash_digests(after)}


def test_another_process_renders_the_same_bytes() -> None:
    code = (
        "from tests.pixels.golden_pictures import *;"
        "print(hash_digests({'taxi': compute_panel_digests(PANELS['taxi-384x128'])}))"
    )
    outputs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert outputs == {f"{hash_digests({'taxi': read_golden_digests()['taxi-384x128']})}\n".encode()}
