"""Pictures of films as they are shown: hidden colours stay hidden, short films stay long enough, all have previews."""

import io
from pathlib import Path

import av
import pytest
from PIL import Image

from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from signage.model.item import Style
from signage.store.library import clips
from tests.library import films
from tests.library.items import create_clip_item, create_panel
from tests.library.renditions import convert_item, get_media_path
from tests.support.clips import add_clip

PANEL = create_panel(160, 120)
GREEN = Style(background="#00ff00")


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_what_a_transparent_film_hides_shows_the_background(
    library: Library, worker: RenditionWorker, tmp_path: Path, codec: str
) -> None:
    clip = add_clip(library, films.write_transparent_film(tmp_path / "a.webm", codec), "a.webm")
    assert clip.facts.transparent
    shown = convert_item(library, worker, create_clip_item(clip.sha256, look=GREEN), PANEL)
    with av.open(str(get_media_path(library, shown))) as film:
        picture = next(film.decode(video=0)).to_image()
    assert picture.getpixel((40, 60)) == pytest.approx((0, 255, 0), abs=30)
    assert picture.getpixel((120, 60)) == pytest.approx((0, 0, 255), abs=30)
    with library.store.read() as connection:
        row = clips.get_clip(connection, clip.sha256)
    assert row is not None and row.thumbnail is not None
    with Image.open(library.blobs.get_path(row.thumbnail)) as thumbnail:
        assert thumbnail.convert("RGB").getpixel((40, 60)) == pytest.approx((0, 0, 0), abs=30)


@pytest.mark.parametrize("frames", [1, 2, 12])
def test_a_film_of_a_fraction_of_a_second_is_shown_for_a_second_and_has_previews(
    library: Library, worker: RenditionWorker, tmp_path: Path, frames: int
) -> None:
    clip = add_clip(library, films.write_film(tmp_path / "a.mp4", frames=frames), "a.mp4")
    assert clip.facts.duration_ms == 40 * frames
    shown = convert_item(library, worker, create_clip_item(clip.sha256), PANEL)
    assert shown.duration_ms == 1000
    with av.open(str(get_media_path(library, shown))) as film:
        assert sum(1 for _ in film.decode(video=0)) == 25
    with library.store.read() as connection:
        row = clips.get_clip(connection, clip.sha256)
    assert row is not None and row.thumbnail and row.poster


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {}),
        ("a.mp4", {"fragments": True}),
        ("a.webm", {"codec": "libvpx-vp9"}),
        ("a.ts", {}),
        ("a.mpg", {"codec": "mpeg2video"}),
        ("a.m2v", {"codec": "mpeg2video", "container": "mpeg2video"}),
        ("a.mp4", {"frames": 1}),
    ],
)
def test_every_film_that_is_taken_has_a_thumbnail_and_a_poster(
    library: Library, worker: RenditionWorker, tmp_path: Path, name: str, options: dict[str, object]
) -> None:
    path = films.write_film(tmp_path / name, **options)  # type: ignore[arg-type]
    sha256 = add_clip(library, path, name).sha256
    worker.drain()
    with library.store.read() as connection:
        row = clips.get_clip(connection, sha256)
    assert row is not None and row.thumbnail and row.poster


def test_the_still_of_an_animation_is_not_its_picture_for_old_readers(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    target = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("lime", "blue")]
    Image.new("RGB", (32, 32), "red").save(
        target, "PNG", save_all=True, append_images=frames, default_image=True, duration=500
    )
    path = tmp_path / "a.png"
    path.write_bytes(target.getvalue())
    clip = add_clip(library, path, "a.png")
    panel = create_panel(32, 32, plays=frozenset({"still"}))
    shown = convert_item(library, worker, create_clip_item(clip.sha256, 5), panel)
    with Image.open(get_media_path(library, shown)) as picture:
        assert picture.convert("RGB").getpixel((16, 16)) == (0, 255, 0)
