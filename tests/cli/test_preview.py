"""``signage preview``: items, texts and clips as files, and its error messages."""

import av
import pytest
from PIL import Image

from tests.cli.command_runner import CommandRunner

CAMPAIGN = """\
format = "signage.campaign/1"
id = "good"
title = "消费维权"
timezone = "Asia/Shanghai"
from = 2021-03-10T00:00:00
until = 2021-03-19T00:00:00
color = "#ffff00"
[[item]]
id = "theme"
text = "2021年消费维权年主题：守护安全 畅通消费"
[[item]]
id = "picture"
file = "picture.png"
duration_s = 5
[[placement]]
screens = ["*"]
items = ["*"]
"""


@pytest.fixture
def shell(tmp_path, capsys):
    shell = CommandRunner(tmp_path, capsys)
    (tmp_path / "playlists" / "good.toml").write_text(CAMPAIGN, "utf-8")
    Image.new("RGB", (100, 100), (0, 128, 255)).save(tmp_path / "picture.png")
    return shell


def test_an_item_as_png_has_the_panels_pixels(shell, tmp_path):
    ran = shell("preview", "good/theme", "--panel", "taxi-192x64", "-o", str(tmp_path / "a.png"))
    assert ran.status == 0 and "still" in ran.out
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (192, 64)
        assert (255, 255, 0) in {color for _, color in image.convert("RGB").getcolors(256)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no readable text"),
        (" \n", "no readable text"),
        ("消费维权" * 126, "504 characters; at most 500"),
    ],
)
def test_a_text_that_is_invalid_for_items_is_refused(shell, tmp_path, text, told):
    ran = shell("preview", "--text", text, "--panel", "taxi-192x64", "-o", str(tmp_path / "a.png"))
    assert ran.status == 1 and told in ran.err, ran
    assert not (tmp_path / "a.png").exists()
    longest = shell("preview", "--text", "消" * 500, "--panel", "taxi-192x64", "-o", str(tmp_path / "a.png"))
    assert longest.status == 0, longest


def test_leds_are_enlarged(shell, tmp_path):
    assert shell("preview", "good/theme", "--panel", "roof-96x16", "--leds", "-o", str(tmp_path / "a.gif")).status == 0
    with Image.open(tmp_path / "a.gif") as image:
        assert image.size == (1152, 192) and image.n_frames > 100


def test_a_text_as_film_lasts_as_long_as_the_item(shell, tmp_path):
    for leds in ([], ["--leds"]):
        args = ["preview", "--text", "构建和谐社会", "--panel", "roof-128x16", *leds, "-o", str(tmp_path / "a.mp4")]
        assert shell(*args).status == 0
        with av.open(str(tmp_path / "a.mp4")) as film:
            assert film.duration == pytest.approx(8_000_000, abs=150_000)
            assert film.streams.video[0].width == (128 if not leds else 128 * 12)


@pytest.mark.parametrize("ending", ["png", "gif", "mp4"])
def test_a_picture_is_rendered_as_the_panel_gets_it(shell, tmp_path, ending):
    out = tmp_path / f"a.{ending}"
    assert shell("preview", "good/picture", "--panel", "taxi-192x64", "-o", str(out)).status == 0
    if ending != "mp4":
        with Image.open(out) as image:
            shown = image.convert("RGB")
            assert shown.size == (192, 64)
            assert shown.getpixel((96, 32))[2] > 240 and shown.getpixel((0, 0))[2] < 10


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["good/theme", "--panel", "taxi-192x46"], "taxi-192x64"),
        (["good/tehme", "--panel", "taxi-192x64"], "good/theme"),
        (["bad/theme", "--panel", "taxi-192x64"], "no item bad/theme"),
        (["../good/theme", "--panel", "taxi-192x64"], "no item"),
    ],
)
def test_an_unknown_name_is_reported_with_the_closest_match(shell, tmp_path, args, told):
    ran = shell("preview", *args, "-o", str(tmp_path / "a.png"))
    assert ran.status == 1 and told in ran.err and "Traceback" not in ran.err
    assert not (tmp_path / "a.png").exists()


def test_an_unknown_file_extension(shell, tmp_path):
    ran = shell("preview", "good/theme", "--panel", "taxi-192x64", "-o", str(tmp_path / "a.jpg"))
    assert ran.status == 1 and ".gif" in ran.err


def test_item_and_text_together_are_refused(shell, tmp_path):
    assert shell("preview", "--panel", "taxi-192x64", "-o", str(tmp_path / "a.png")).status == 2


def test_an_unreadable_file_is_reported(shell, tmp_path):
    ran = shell("preview", "--text", "字" * 500, "--panel", "roof-96x16", "-o", str(tmp_path / "a.png"))
    assert ran.status == 0 and "warning" in ran.err
    assert not (tmp_path / "var").exists()


def test_a_preview_that_would_fill_the_disk_is_refused(shell, tmp_path):
    scroll = CAMPAIGN.replace('color = "#ffff00"', 'effect = "scroll"')
    (tmp_path / "playlists" / "good.toml").write_text(scroll, "utf-8")
    args = ["good/theme", "--panel", "street-1920x1080", "--leds", "-o", str(tmp_path / "a.gif")]
    ran = shell("preview", *args)
    assert ran.status == 1 and "million pixels" in ran.err
