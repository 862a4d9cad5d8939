"""docs/panels.md and docs/legibility.md match the code."""

import re
from collections import Counter
from pathlib import Path

import pytest

from signage.messages.catalogs import parse_po
from signage.model.item import Style
from signage.pixels.slogan.slogan import layout_slogan
from tests.pixels.panels import PANELS, SLOGANS

DOCS = Path(__file__).parents[2] / "docs"
_SAYS = {"still": "are still", "pages": "become pages", "scroll-left": "scroll"}


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_the_table_of_panels_is_true(panel):
    row = next(line for line in (DOCS / "panels.md").read_text("utf-8").splitlines() if f"| `{panel.id}` |" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    kinds = Counter(layout_slogan(text, Style(), panel, 8000).kind for text in SLOGANS)
    does = ", ".join(f"{kinds[kind]} {words}" for kind, words in _SAYS.items() if kinds[kind])
    facts = [f"{panel.width}×{panel.height}", panel.color, f"{panel.pitch_mm:g} mm", f"{panel.viewing_distance_m:g} m"]
    assert cells[1:] == [*facts, does]


def test_the_page_on_legibility_names_every_rule():
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", (DOCS / "legibility.md").read_text("utf-8")))
    catalog = parse_po((DOCS.parent / "signage" / "messages" / "en" / "legibility.po").read_text("utf-8"))
    codes = {code for (context, code), _ in catalog if context == "what"}
    about_commands = {"preview-ending", "preview-moves", "preview-too-large", "panel-not-known", "item-not-known"}
    assert codes - about_commands <= named
