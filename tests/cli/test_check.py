"""``signage check``: all faults of the configuration and campaigns at once."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from signage.cli.errors import run_command
from signage.cli.lazy_group import signage
from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.messages import render_fault
from signage.services.bootstrap import open_store
from signage.services.campaigns.file_import import CampaignFileReader
from signage.services.library.clip_uploads import FolderClips
from signage.store.settings import StorageConfig
from tests.library import films
from tests.support.app_context import create_app_context

GOOD = """\
format = "signage.campaign/1"
id = "good"
title = "消费维权"
timezone = "Asia/Shanghai"
from = 2021-03-10T00:00:00
until = 2021-03-19T00:00:00
[[item]]
id = "a"
text = "和谐社会 文明消费"
[[placement]]
screens = ["*"]
items = ["a"]
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "playlists").mkdir()
    (tmp_path / "config.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return tmp_path


def put(site: Path, text: str, name: str = "good") -> None:
    (site / "playlists" / f"{name}.toml").write_text(text, encoding="utf-8")


def checked(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, list[dict[str, Any]]]:
    status = run_command(signage, ["check", "--json", *args])
    out, err = capsys.readouterr()
    assert err == ""
    faults: list[dict[str, Any]] = json.loads(out)["faults"]
    return status, faults


def keys(faults: list[dict[str, Any]]) -> list[tuple[str, int | None, str, str]]:
    for fault in faults:
        assert list(fault) == ["file", "line", "key", "level", "what", "mend"]
    return [(fault["file"], fault["line"], fault["key"], fault["level"]) for fault in faults]


def test_a_valid_installation(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(site, GOOD)
    assert checked(capsys) == (0, [])
    assert run_command(signage, ["check"]) == 0
    assert not (site / "var").exists()


def test_faults_of_config_and_campaigns_are_reported_together(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "config.toml").write_text("[server]\nport = true\n")
    put(site, GOOD.replace('"a"]', '"b"]'))
    put(site, GOOD + "shares = 3\n", "other")
    status, faults = checked(capsys)
    assert status == 1
    assert keys(faults) == [
        ("config.toml", 2, "server.port", "error"),
        ("playlists/good.toml", 12, "placement[1].items", "error"),
        ("playlists/other.toml", 2, "id", "error"),
        ("playlists/other.toml", 13, "placement[1].shares", "error"),
    ]
    assert faults[3]["what"] == "There is no key shares here."
    assert faults[3]["mend"] == "Did you mean share?"


def test_named_files_only(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(site, GOOD.replace("title", "titel"))
    put(site, GOOD.replace('"good"', '"fine"'), "fine")
    assert checked(capsys, "playlists/fine.toml") == (0, [])
    assert checked(capsys, str(site / "playlists" / "good.toml"))[0] == 1
    assert checked(capsys, "config.toml") == (0, [])
    status, faults = checked(capsys, "playlists/gone.toml")
    assert (status, keys(faults)) == (1, [("playlists/gone.toml", None, "", "error")])


def test_warnings_alone_are_no_failure_unless_strict(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(site, GOOD + '[[item]]\nid = "b"\ntext = "乙"\n')
    status, faults = checked(capsys)
    assert (status, keys(faults)) == (0, [("playlists/good.toml", 14, "item[2].id", "warning")])
    assert checked(capsys, "--strict")[0] == 1


def test_files_of_clips(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films.write_film(site / "film.mp4").rename(site / "film.dat")
    (site / "list.mp4").write_bytes(b"#EXTM3U\nhttp://example.invalid/")
    Image.new("RGB", (32, 32)).save(site / "picture.png")
    (site / "out.mp4").symlink_to("/etc/hostname")

    def at(file: str, more: str = "") -> list[tuple[int | None, str]]:
        put(site, GOOD.replace('text = "和谐社会 文明消费"', f'file = "{file}"{more}'))
        return [(fault["line"], fault["key"]) for fault in checked(capsys)[1]]

    assert at("film.dat") == []
    assert at("film.dat", "\nduration_s = 3") == [(10, "item[1].duration_s")]
    assert at("picture.png") == [(7, "item[1].duration_s")]
    assert at("list.mp4") == [(9, "item[1].file")]
    assert at("out.mp4") == [(9, "item[1].file")]
    assert at("gone.mp4") == [(9, "item[1].file")]


def write_hostile_files(site: Path) -> list[str]:
    """Write files of which some are clips and some only look like clips; return their names."""
    film = films.write_film(site / "film.mp4", frames=50).read_bytes()
    (site / "tail.mp4").write_bytes(film[: len(film) * 9 // 10])
    films.write_film(site / "mpeg4.mp4", codec="mpeg4")
    films.write_film(site / "film.ts")
    films.write_film(site / "short.mp4", frames=1)
    edited = films.write_film(site / "slow.mp4", frames=50)
    films.set_edit_list(edited, [(1000, 0, films.NORMAL_SPEED // 2)])
    Image.new("RGB", (64, 64), "red").save(site / "picture.jpg", quality=95)
    data = (site / "picture.jpg").read_bytes()
    (site / "cut.jpg").write_bytes(data[: len(data) * 2 // 3])
    Image.new("1", (30_000, 30_000)).save(site / "bomb.png")
    (site / "empty.png").write_bytes(b"")
    (site / "page.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    return sorted(path.name for path in site.iterdir() if path.is_file() and path.name != "config.toml")


@pytest.mark.slow
def test_check_refuses_exactly_the_clips_that_the_folder_refuses_for_the_same_causes(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = write_hostile_files(site)
    items = "".join(
        f'[[item]]\nid = "i{n}"\nfile = "{name}"\n{"duration_s = 5" if name[-3:] in ("jpg", "png", "svg") else ""}\n'
        for n, name in enumerate(names)
    )
    text = GOOD + items
    put(site, text)
    _, faults = checked(capsys)
    found = {(fault["key"], fault["what"]) for fault in faults if fault["level"] == "error"}
    assert not (site / "var").exists()
    library = Library(open_store(site / "var", StorageConfig()), site / "var", LibraryConfig(reserve_mb=0))
    try:
        reader = CampaignFileReader(site, FolderClips(create_app_context(site), library))
        refused = reader.check("good.toml", text.encode()).faults
    finally:
        library.sandbox.close()
    expected = {(f.location.key, render_fault(f, "en")) for f in refused if f.level == "error"}
    assert found == expected
    refused_names = {names[int(key.split("[")[1].split("]")[0]) - 2] for key, _ in found}
    assert refused_names == {"tail.mp4", "mpeg4.mp4", "slow.mp4", "cut.jpg", "bomb.png", "empty.png", "page.svg"}


def test_a_clip_that_no_library_has_is_an_error_before_there_is_a_library(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(site, GOOD.replace('text = "和谐社会 文明消费"', f'sha256 = "{"a" * 64}"'))
    assert checked(capsys)[0] == 1


def test_clips_are_checked_in_a_file_that_has_other_faults(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "list.mp4").write_bytes(b"#EXTM3U\nhttp://example.invalid/")
    put(site, GOOD.replace('text = "和谐社会 文明消费"', 'file = "list.mp4"').replace("title", "titel"))
    assert {fault["key"] for fault in checked(capsys)[1]} >= {"titel", "item[1].file"}


def test_a_film_of_a_few_frames_is_warned_of(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films.write_film(site / "short.mp4", frames=2)
    put(site, GOOD.replace('text = "和谐社会 文明消费"', 'file = "short.mp4"'))
    status, faults = checked(capsys)
    assert (status, [fault["level"] for fault in faults]) == (0, ["warning"])
    assert "0.08 seconds" in faults[0]["what"]


def test_faults_of_schedule_and_library_are_reported(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(
        site,
        GOOD.replace("until = 2021-03-19", "until = 2040-03-19").replace("和谐", "㐂")
        + 'dayparts = ["work", "never"]\n[daypart.work]\ndays = ["workday"]\n[daypart.never]\ndays = ["2021-01-01"]\n',
    )
    status, faults = checked(capsys)
    assert status == 0
    assert {fault["level"] for fault in faults} == {"warning"}
    assert {"item[1].text", "daypart.work.days", "daypart.never"} <= {fault["key"] for fault in faults}
    years = next(fault["what"] for fault in faults if fault["key"] == "daypart.work.days")
    assert "–2040" in years


def test_legibility_is_checked_for_the_panels_that_show_the_text(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(
        site,
        GOOD
        + '[[item]]\nid = "long"\ntext = "'
        + "很长的标语" * 60
        + '"\n[[placement]]\nscreens = ["*"]\nitems = ["long"]\n',
    )
    assert checked(capsys) == (0, [])
    assert run_command(signage, ["screens", "add", "roof-1", "--kind", "taxi-roof", "--panel", "roof-96x16"]) == 0
    capsys.readouterr()
    status, faults = checked(capsys)
    assert status == 0
    assert {fault["key"].split(".")[0] for fault in faults if fault["key"].startswith("item")} == {"item[2]"}


def test_no_configuration(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "config.toml").unlink()
    status, faults = checked(capsys)
    assert (status, keys(faults)) == (1, [("config.toml", None, "", "error")])


def test_faults_as_text(site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    put(site, GOOD.replace("Asia/Shanghai", "Asia/Shanghi"))
    assert run_command(signage, ["check"]) == 1
    assert capsys.readouterr().err == (
        'playlists/good.toml:4: timezone: "Asia/Shanghi" is not a time zone. Did you mean Asia/Shanghai?\n'
    )
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run_command(signage, ["check"]) == 1
    assert "是否应为 Asia/Shanghai？" in capsys.readouterr().err


def test_a_missing_or_unreadable_folder(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "playlists").rmdir()
    status, faults = checked(capsys)
    assert (status, keys(faults)) == (0, [("config.toml", None, "folder.path", "warning")])
    assert checked(capsys, "--strict")[0] == 1
    (site / "playlists").write_text("")
    status, faults = checked(capsys)
    assert (status, keys(faults)) == (1, [("config.toml", None, "folder.path", "error")])


def test_temporary_files_of_editors_are_ignored(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(site, GOOD)
    put(site, "half a", ".good")
    put(site, "half a", "~good")
    assert checked(capsys) == (0, [])


@pytest.mark.timeout(20)
def test_a_pipe_is_refused_without_waiting(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(site / "playlists" / "good.toml")
    status, faults = checked(capsys)
    assert (status, keys(faults)) == (1, [("playlists/good.toml", None, "", "error")])


def test_a_file_name_that_is_not_utf_8_is_reported(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"playlists/b\xff.toml")
    (site / name).write_text(GOOD, "utf-8")
    status, faults = checked(capsys)
    assert status == 1 and faults[0]["file"] == "playlists/b\\udcff.toml"
