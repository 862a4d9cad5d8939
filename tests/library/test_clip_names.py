"""Clip names: stored as given, shown in one line, found in each form of a letter."""

from pathlib import Path

import pytest
from PIL import Image

from signage.library.clip_names import format_display_name, normalize_name
from signage.library.service import Library
from signage.store.library import clips
from tests.support.clips import add_clip

NAMES = [
    "守护安全.png", "𠮷野家.png", "🎬.png", "a" * 200 + ".png", "无扩展名", "../../etc/passwd.png",
    "C:\\temp\\海报.png", "空 格 与 加+号%20.png", ".png", "CON.png", "\u00e9t\u00e9.png",
    "e\u0301te\u0301.png", "مرحبا.png", "换\u202egnp.exe.png", "zwei\nZeilen.png",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_clip_is_kept_shown_and_found_by_its_full_name(library: Library, tmp_path: Path, name: str) -> None:
    path = tmp_path / "source"
    Image.new("RGB", (8, 8), "red").save(path, "PNG")
    taken = add_clip(library, path, name)
    with library.store.read() as connection:
        assert [clip.sha256 for clip in clips.find_clips_by_name(connection, name)] == [taken.sha256]
        assert clips.list_clip_names(connection, taken.sha256) == [name]
    inside = tmp_path / "state"
    assert {p for p in tmp_path.rglob("*") if p.is_file() and not p.is_relative_to(inside)} == {path}
    assert {p.name for p in (inside / "library").rglob("*") if p.is_file()} == {taken.sha256}


def test_two_names_with_the_same_bytes_are_one_clip(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "source"
    Image.new("RGB", (8, 8), "red").save(path, "PNG")
    first, second = (add_clip(library, path, name) for name in ("守护安全.png", "🎬.png"))
    assert first.sha256 == second.sha256
    assert (first.is_new, second.is_new) == (True, False)
    with library.store.read() as connection:
        assert clips.list_clip_names(connection, first.sha256) == sorted(["守护安全.png", "🎬.png"])


def test_what_is_shown_of_a_name_reads_as_it_is_written() -> None:
    assert format_display_name("换\u202egnp.exe.png\nX-Header: 1") == "换gnp.exe.pngX-Header: 1"
    assert format_display_name("a" * 5000 + ".png").endswith("aaa.png") and len(format_display_name("a" * 5000)) < 300
    assert normalize_name("a\udc80\0b") == "a?\ufffdb"
    assert format_display_name("\n") == normalize_name("") == "?"


def test_one_form_of_a_letter_finds_the_other(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "source"
    Image.new("RGB", (8, 8), "red").save(path, "PNG")
    add_clip(library, path, "e\u0301te\u0301.png")
    with library.store.read() as connection:
        for search in ("\u00e9t\u00e9", "e\u0301te\u0301", "%"):
            assert len(clips.list_newest_clips(connection, 10, search)) == (search != "%")
