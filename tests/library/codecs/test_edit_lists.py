"""Edit lists of every form: what they show is shown, what they hide is not, and only missing bytes are "cut off"."""

from collections.abc import Sequence
from pathlib import Path

import av
import pytest

from signage.faults import Refused
from signage.library.codecs.edit_lists import Edit, read_edit_lists
from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from tests.library import films
from tests.library.films import NORMAL_SPEED
from tests.library.items import create_clip_item, create_panel
from tests.library.renditions import convert_item, get_media_path
from tests.support.clips import add_clip

PANEL = create_panel(320, 240)
Edits = Sequence[tuple[int, float, int]]


def write_edited_film(path: Path, edits: Edits) -> Path:
    """100 frames, of which only the first is a key frame; the bar of frame n stands at x = 3 n."""
    options = {"g": "250", "x264-params": "scenecut=0"}
    return films.set_edit_list(films.write_film(path, size=(320, 240), frames=100, options=options), edits)


def read_shown_numbers(path: Path) -> list[int]:
    """Return the number of the test card on each frame."""
    numbers = []
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            row = frame.to_image().convert("L").crop((0, 119, 320, 120))
            dark = [x for x in range(320) if row.getpixel((x, 0)) < 50]
            numbers.append(round((sum(dark) / len(dark) - 2) / 3))
    return numbers


@pytest.mark.parametrize(
    ("edits", "numbers"),
    [
        ([(3000, 1, NORMAL_SPEED)], [*range(25, 100)]),
        ([(1000, 1.5, NORMAL_SPEED)], [*range(38, 63)]),
        ([(500, -1, NORMAL_SPEED), (2000, 1, NORMAL_SPEED)], [*range(25, 75)]),
        ([(1000, 0, NORMAL_SPEED), (1000, 3, NORMAL_SPEED)], [*range(25), *range(75, 100)]),
        ([(1000, 2, NORMAL_SPEED), (1000, 0, NORMAL_SPEED)], [*range(50, 75), *range(25)]),
        ([(1000, 1, NORMAL_SPEED), (1000, 1, NORMAL_SPEED)], [*range(25, 50)] * 2),
        (
            [(1000, 0, NORMAL_SPEED), (480, -1, NORMAL_SPEED), (1000, 2, NORMAL_SPEED)],
            [*range(25), *[24] * 12, *range(50, 75)],
        ),
    ],
    ids=["beginning cut", "both ends cut", "empty first", "middle cut", "turned round", "repeated", "empty middle"],
)
def test_exactly_what_the_edit_list_shows_is_shown(
    library: Library, worker: RenditionWorker, tmp_path: Path, edits: Edits, numbers: list[int]
) -> None:
    clip = add_clip(library, write_edited_film(tmp_path / "a.mp4", edits), "a.mp4")
    assert abs(clip.facts.duration_ms - 40 * len(numbers)) <= 40
    shown = convert_item(library, worker, create_clip_item(clip.sha256), PANEL)
    found = read_shown_numbers(get_media_path(library, shown))
    # An uneven film gets the panel's rate: a frame may stand a frame earlier or later, never one that is hidden.
    for number, seen in enumerate(found):
        at = min(number * len(numbers) // len(found), len(numbers) - 1)
        assert seen in numbers[max(0, at - 1) : at + 2]


@pytest.mark.parametrize(
    ("edits", "code"),
    [
        ([(500, -1, NORMAL_SPEED)], "clip-edit-list"),
        ([(1000, 0, 0), (1000, 1, NORMAL_SPEED)], "clip-edit-speed"),
        ([(2000, 0, NORMAL_SPEED // 2)], "clip-edit-speed"),
    ],
)
def test_a_film_whose_edits_cannot_be_followed_is_refused_for_that(
    library: Library, tmp_path: Path, edits: Edits, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        add_clip(library, write_edited_film(tmp_path / "a.mp4", edits), "a.mp4")
    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_film_whose_index_lists_frames_beyond_its_end_is_cut_off(library: Library, tmp_path: Path) -> None:
    path = films.write_film(tmp_path / "a.mp4", frames=50)
    data = bytearray(path.read_bytes())
    at = data.index(b"stco") + 12
    data[at : at + 4] = (len(data) - 10).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(Refused) as refused:
        add_clip(library, path, "a.mp4")
    assert refused.value.faults[0].code == "clip-cut-off"


def test_sound_stays_in_step_with_a_picture_whose_beginning_is_cut(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    """The track of sound has an edit of its own; both are cut by 1 s of 3 s, and the sound ends 0.5 s earlier."""
    path = films.write_film(tmp_path / "a.mp4", size=(320, 240), frames=75, sound_s=3)
    with av.open(str(path)) as film:
        picture = film.streams.video[0].index
    films.set_edit_list(path, [(2000, 1, NORMAL_SPEED)], picture)
    films.set_edit_list(path, [(1500, 1, NORMAL_SPEED)], 1 - picture)
    clip = add_clip(library, path, "a.mp4")
    panel = create_panel(320, 240, codecs=("h264", "aac"))
    shown = convert_item(library, worker, create_clip_item(clip.sha256), panel)
    assert shown.duration_ms == 2000
    with av.open(str(get_media_path(library, shown))) as film:
        loud_s = [float(frame.time or 0) for frame in film.decode(audio=0) if abs(frame.to_ndarray()).max() > 0.02]
    assert min(loud_s) <= 0.05
    assert max(loud_s) == pytest.approx(1.5, abs=0.08)


def test_the_edit_lists_of_a_file_are_read_by_track(tmp_path: Path) -> None:
    path = write_edited_film(tmp_path / "a.mp4", [(500, -1, NORMAL_SPEED), (1000, 1, NORMAL_SPEED)])
    with path.open("rb") as file:
        file.seek(7)
        (edits,) = read_edit_lists(file).values()
        assert file.tell() == 7
    assert [edit.duration * 1000 for edit in edits] == [500, 1000]
    assert edits[0] == Edit(edits[0].duration, -1, NORMAL_SPEED)
