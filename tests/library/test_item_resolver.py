"""Lengths and playlist items by item name, and the order of what is missing."""

from pathlib import Path

from PIL import Image

from signage.faults import Fault
from signage.library.item_resolver import ItemResolver
from signage.library.rendition_specs import decode_spec, get_preview_kind
from signage.library.service import Library
from signage.model.item import Item
from signage.schedule.live_content import BUILTIN_STILL, format_still_ref
from signage.schedule.snapshot import ScheduleSnapshot
from signage.store.library import renditions as rows
from tests.library.items import (
    STREET,
    TAXI,
    create_campaign,
    create_clip_item,
    create_slogan_item,
)
from tests.support.clips import add_clip

THEME = "2021年消费维权年主题：守护安全 畅通消费"
LONG = "维护消费者权益，构建社会主义和谐社会"


def list_renditions(library: Library, sha256: str) -> list[rows.RenditionRow]:
    """The renditions of a clip for panels, without its previews."""
    with library.store.read() as connection:
        renditions_of_clip = rows.list_renditions_of_clip(connection, sha256)
    return [row for row in renditions_of_clip if get_preview_kind(decode_spec(row.recipe)) is None]


def count_stored_renditions(library: Library) -> int:
    with library.store.read() as connection:
        return sum(rows.count_by_state(connection).values())


def test_looking_up_lengths_changes_nothing_and_a_forecast_counts_clips_as_made(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8), "red").save(path)
    sha256 = add_clip(library, path, "a.png").sha256
    text = Item("slogan", text=THEME, behind="clip", duration_ms=8000)
    snapshot = ScheduleSnapshot(campaigns=(create_campaign(text, create_clip_item(sha256, 5)),))
    before = count_stored_renditions(library), sorted(library.blobs.folder.rglob("*"))
    forecast = library.create_forecast_resolver(snapshot)
    assert dict(forecast.get_lengths(TAXI)) == {"c/slogan": 8000, "c/clip": 5000}
    forecast.request_missing()
    resolver = library.create_resolver(snapshot)
    assert {fault.code for fault in resolver.get_lengths(TAXI).values() if isinstance(fault, Fault)} == {
        "clip-not-made"
    }
    assert (count_stored_renditions(library), sorted(library.blobs.folder.rglob("*"))) == before


def test_missing_clips_are_ordered_after_planning_and_then_available(library: Library, tmp_path: Path, worker) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8), "red").save(path)
    sha256 = add_clip(library, path, "a.png").sha256
    whole = create_campaign(create_slogan_item(THEME), create_clip_item(sha256, 5))
    resolver = library.create_resolver(ScheduleSnapshot(campaigns=(whole,)))
    lengths = resolver.get_lengths(TAXI)
    assert set(lengths) == {"c/slogan", "c/clip"}
    assert lengths["c/slogan"] == 8000
    fault = lengths["c/clip"]
    assert not isinstance(fault, int) and (fault.level, fault.code) == ("warning", "clip-not-made")
    assert not list_renditions(library, sha256)
    resolver.request_missing()
    assert [row.state for row in list_renditions(library, sha256)] == ["waiting"]
    worker.drain()
    resolver = library.create_resolver(ScheduleSnapshot(campaigns=(whole,)))
    assert resolver.get_lengths(TAXI)["c/clip"] == 5000
    assert resolver.get_item("c/clip", TAXI).kind == "picture"
    assert resolver.get_item(format_still_ref(4000), TAXI).duration_ms == 4000
    assert resolver.get_item(BUILTIN_STILL, STREET).media[0].width == 1920
    assert isinstance(resolver, ItemResolver)
