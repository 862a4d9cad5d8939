"""Clips on panels without shades, and on those that play no films: what is served is what the dots can show."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from signage.library.codecs.clip_jobs import FilmJob
from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from signage.model.item import Style
from signage.model.panel import Panel
from signage.protocol.playlist import Motion, PlaylistItem, PlaylistMedia
from tests.library import films
from tests.library.items import PANELS, create_campaign, create_clip_item, create_panel, create_slogan_item
from tests.library.renditions import convert_item, write_gif
from tests.support.clips import add_clip

ROOF, STRIP = PANELS["roof-128x32"], PANELS["strip-640x32"]
OWN = {ROOF: {(0, 0, 0), (255, 42, 0)}, STRIP: {(0, 0, 0), (255, 0, 0), (0, 255, 0), (255, 255, 0)}}
DOTS = pytest.mark.parametrize("on", [ROOF, STRIP], ids=lambda p: p.id)
ANIMATION = create_panel(96, 32, plays=frozenset({"still", "animation"}))
STILLS = create_panel(96, 32, plays=frozenset({"still"}))


def bytes_of(library: Library, media: PlaylistMedia) -> Path:
    path = library.find_media(media.sha256)
    assert path is not None
    return path


def frames_of(library: Library, media: PlaylistMedia) -> list[tuple[Image.Image, int]]:
    with Image.open(bytes_of(library, media)) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append((image.convert("RGB"), int(image.info.get("duration", 0))))
        return found


def colors(image: Image.Image) -> set[tuple[int, int, int]]:
    return {color for _, color in image.getcolors(1 << 16)}


def length_ms(library: Library, media: PlaylistMedia) -> int:
    with av.open(str(bytes_of(library, media))) as container:
        track = container.streams.video[0]
        return round(track.duration * track.time_base * 1000)


def taken(
    library: Library, worker: RenditionWorker, path: Path, on: Panel, seconds: float | None = None
) -> PlaylistItem:
    return convert_item(library, worker, create_clip_item(add_clip(library, path, path.name).sha256, seconds), on)


def lit(image: Image.Image, box: tuple[int, int, int, int]) -> float:
    """How many of the dots in *box* light."""
    return float(np.asarray(image.crop(box)).any(axis=2).mean())


@DOTS
def test_a_picture_comes_in_the_panels_own_colours(
    library: Library, worker: RenditionWorker, tmp_path: Path, on: Panel
) -> None:
    path = tmp_path / "ramp.png"
    Image.linear_gradient("L").rotate(90).resize((on.width, on.height)).convert("RGB").save(path)
    shown = taken(library, worker, path, on, 5)
    assert [m.type for m in shown.media] == ["image/png"]
    [(image, _)] = frames_of(library, shown.media[0])
    assert image.size == (on.width, on.height)
    assert colors(image) <= OWN[on]
    fifth = on.width // 5
    shares = [lit(image, (n * fifth, 0, n * fifth + fifth, on.height)) for n in range(5)]
    assert shares == sorted(shares) and shares[0] < 0.05 and shares[-1] > 0.9
    assert 0.2 < shares[2] < 0.45, "half of sRGB is a fifth of the light, a little lifted"


@DOTS
def test_what_moves_comes_in_the_panels_own_colours_and_as_a_film_too(
    library: Library, worker: RenditionWorker, tmp_path: Path, on: Panel
) -> None:
    film = taken(library, worker, films.write_film(tmp_path / "f.mp4", frames=30), on)
    round_ = taken(library, worker, write_gif(tmp_path / "a.gif", [20, 20, 20]), on)
    for shown, length in ((film, 1200), (round_, 600)):
        assert [m.type for m in shown.media] == ["image/gif", "video/mp4"]
        assert all((m.width, m.height) == (on.width, on.height) for m in shown.media)
        frames = frames_of(library, shown.media[0])
        assert all(colors(frame) <= OWN[on] for frame, _ in frames)
        assert shown.duration_ms == length == sum(delay for _, delay in frames)
        assert length_ms(library, shown.media[1]) == length


def test_nothing_boils_where_nothing_moves(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    path = films.write_film(tmp_path / "noisy.mp4", frames=25, options={"crf": "40", "g": "5"})
    frames = [np.asarray(f) for f, _ in frames_of(library, taken(library, worker, path, ROOF).media[0])]
    top = [frame[:13] for frame in frames]  # the bar of the chart moves below
    changed = max(float((a != b).any(axis=2).mean()) for a, b in pairwise(top))
    assert len(frames) > 1 and changed < 0.02


def test_a_still_of_a_film_comes_in_dots_too(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    on = create_panel(96, 32, color="mono", plays=frozenset({"still"}))
    shown = taken(library, worker, films.write_film(tmp_path / "f.mp4"), on)
    assert (shown.kind, [m.type for m in shown.media]) == ("film", ["image/png"])
    assert colors(frames_of(library, shown.media[0])[0][0]) == {(0, 0, 0), (255, 42, 0)}


def test_the_same_clip_gives_the_same_dots(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    from signage.library.rendition_maker import convert_clip

    clip = add_clip(library, films.write_film(tmp_path / "f.mp4", frames=12), "f.mp4")
    one = create_clip_item(clip.sha256)
    recipe = library.catalog._build_spec(create_campaign(one), one, STRIP)
    assert isinstance(recipe, FilmJob)
    first, second = (convert_clip(recipe, library.blobs, library.sandbox, library.config) for _ in range(2))
    assert first == second


def test_a_film_that_is_too_long_is_no_gif(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    path = films.write_film(tmp_path / "slow.mp4", [0, 200_000], last_ms=1000)
    item = create_clip_item(add_clip(library, path, path.name).sha256)
    spec = library.catalog._build_spec(create_campaign(item), item, STRIP)  # a conversion would take half a minute
    assert isinstance(spec, FilmJob) and spec.facts.output_types == ("video/mp4",)
    large = create_panel(960, 540, plays=ANIMATION.plays)
    assert [m.type for m in taken(library, worker, path, large).media] == ["image/jpeg"]


# -- panels that play animations, or stills, alone --------------------------------------------------------------------


def test_a_panel_of_animations_gets_films_and_animations_as_such(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    film = taken(library, worker, films.write_film(tmp_path / "f.mp4", rate=30, frames=30), ANIMATION)
    assert [m.type for m in film.media] == ["image/gif"]
    frames = frames_of(library, film.media[0])
    assert film.duration_ms == 1000 == sum(delay for _, delay in frames)
    assert {delay for _, delay in frames} <= {30, 40}
    corner = frames[7][0].getpixel((30, 4))
    assert all(abs(a - b) < 30 for a, b in zip(corner, (255, 0, 0), strict=True))
    animation = taken(library, worker, write_gif(tmp_path / "a.gif", [20, 20, 20]), ANIMATION, 2)
    assert ([m.type for m in animation.media], animation.duration_ms) == (["image/gif"], 2400)
    assert [f.getpixel((48, 16)) for f, _ in frames_of(library, animation.media[0])] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
    ]


@pytest.mark.parametrize("effect", ["scroll", "pages"])
def test_a_panel_of_animations_gets_moving_slogans_as_such(library: Library, effect: str) -> None:
    one = create_slogan_item("守护安全 畅通消费" * 3, look=Style(effect=effect))  # type: ignore[arg-type]
    shown = library.catalog.get_or_create_item(create_campaign(one), one, ANIMATION)
    assert shown is not None
    assert [m.type for m in shown.media] == ["image/png", "image/gif"]
    assert isinstance(shown.media[0].motion, Motion)
    [(whole, _)] = frames_of(library, shown.media[0])
    frames = frames_of(library, shown.media[1])
    assert 0 <= sum(delay for _, delay in frames) - shown.duration_ms < 10
    at = 0
    for frame, delay in frames:
        begin, at = at, at + delay
        near = {corner(shown.media[0].motion, whole, begin + off) for off in (-5, 0, 5)}
        assert any(whole.crop((x, y, x + 96, y + 32)).tobytes() == frame.tobytes() for x, y in near), (
            f"the frame at {begin} ms"
        )


def corner(motion: Motion, whole: Image.Image, ms: int) -> tuple[int, int]:
    """Where the panel's top left is in the strip or the pages."""
    if motion.effect == "pages":
        return 0, max(0, ms) // motion.page_ms * 32 % whole.height
    return max(0, ms) * motion.px_per_s // 1000, 0


def test_a_panel_of_stills_gets_stills(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    one = create_slogan_item("畅通消费", look=Style(effect="scroll"))
    shown = library.catalog.get_or_create_item(create_campaign(one), one, STILLS)
    assert shown is not None and [m.type for m in shown.media] == ["image/png"]
    assert not isinstance(shown.media[0].motion, Motion)
    length = library.catalog.get_length(create_campaign(one), create_slogan_item("守护安全 畅通消费" * 9), STILLS)
    assert not isinstance(length, int) and length.code == "stills-alone"
    first = taken(library, worker, write_gif(tmp_path / "a.gif", [20, 20, 20]), STILLS, 4)
    assert ([m.type for m in first.media], first.duration_ms) == (["image/png"], 4200)


@DOTS
def test_a_player_shows_the_dots_by_the_clock(
    library: Library, worker: RenditionWorker, tmp_path: Path, on: Panel
) -> None:
    from signage.player.media.media_sources import open_media

    shown = taken(library, worker, write_gif(tmp_path / "a.gif", [20, 20, 20]), on)
    source = open_media(bytes_of(library, shown.media[0]), shown.media[0], (on.width, on.height), 0)
    due = [frame.tobytes() for frame, delay in frames_of(library, shown.media[0]) for _ in range(delay)]
    for ms in (0, 199, 200, 450, 599, 600, 850):
        assert source.get_frame(ms).image.tobytes() == due[ms % 600], ms
