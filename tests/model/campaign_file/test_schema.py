"""The page on the campaign file lists every key, and its example is valid."""

import re
from pathlib import Path

from signage.model.campaign_file import schema as shape
from signage.model.campaign_file.read import check_campaign_file
from signage.model.item import Effect, Fit

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "campaign-file.md").read_text("utf-8")


def test_the_page_lists_exactly_the_keys() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    for section, keys in zip(
        sections, (shape.CAMPAIGN_SCHEMA, shape.ITEM_SCHEMA, shape.DAYPART_SCHEMA, shape.PLACEMENT_SCHEMA), strict=True
    ):
        rows = re.findall(r"^\| `(\w+)` \| ([a-z ]*) ?\|", section, flags=re.MULTILINE)
        assert [name for name, _ in rows] == list(keys)
        required = {name for name, key in keys.items() if key.required}
        assert {name for name, word in rows if word.strip() == "required"} == required


def test_the_page_lists_every_choice() -> None:
    for word in (*Effect.__args__, *Fit.__args__, *shape.SELECTOR_FIELDS):  # type: ignore[attr-defined]
        assert f'`"{word}"`' in PAGE or f"`{word}:`" in PAGE


def test_the_example_is_valid() -> None:
    example = PAGE.partition("```toml\n")[2].partition("```")[0]
    examined = check_campaign_file("playlists/315-2021.toml", example)
    assert [fault.code for fault in examined.faults] == ["item-unplaced"]
