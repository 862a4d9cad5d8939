"""Transport streams as they come: joined, begun in the middle, with lost packets or jumping counters."""

from pathlib import Path

import av
import pytest

from signage.faults import Refused
from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from tests.library import films
from tests.library.items import create_clip_item, create_panel
from tests.library.renditions import convert_item, get_media_path
from tests.support.clips import add_clip

PANEL = create_panel(160, 120, codecs=("h264", "aac"))


@pytest.fixture
def packets(tmp_path: Path) -> list[bytes]:
    """4 s of film with a key frame every second, as transport packets."""
    path = films.write_film(
        tmp_path / "whole.ts", frames=100, sound_s=4, options={"g": "25", "x264-params": "scenecut=0"}
    )
    return films.split_transport_stream(path)


def write(path: Path, packets: list[bytes]) -> Path:
    path.write_bytes(b"".join(packets))
    return path


def test_joined_streams_last_as_long_as_their_parts(
    library: Library, worker: RenditionWorker, tmp_path: Path, packets: list[bytes]
) -> None:
    clip = add_clip(library, write(tmp_path / "a.ts", packets * 2), "a.ts")
    assert clip.facts.duration_ms == 8000
    shown = convert_item(library, worker, create_clip_item(clip.sha256), PANEL)
    with av.open(str(get_media_path(library, shown))) as film:
        assert sum(1 for _ in film.decode(video=0)) == 200
    with av.open(str(get_media_path(library, shown))) as film:
        loud_s = [float(f.time or 0) for f in film.decode(audio=0) if abs(f.to_ndarray()).max() > 0.02]
    assert max(loud_s) == pytest.approx(8, abs=0.15)


def test_counters_that_jump_without_loss_are_no_damage(library: Library, tmp_path: Path, packets: list[bytes]) -> None:
    half = len(packets) // 2
    jumped = [bytes((*p[:3], p[3] & 0xF0 | (p[3] + 5) & 0xF, *p[4:])) for p in packets[half:]]
    assert add_clip(library, write(tmp_path / "a.ts", packets[:half] + jumped), "a.ts").facts.duration_ms == 4000


def test_a_recording_that_begins_and_ends_anywhere_is_its_whole_frames(
    library: Library, worker: RenditionWorker, tmp_path: Path, packets: list[bytes]
) -> None:
    pictures = films.list_picture_packets(packets)
    middle = packets[:4] + packets[pictures[len(pictures) // 8] : pictures[len(pictures) * 7 // 8]]
    clip = add_clip(library, write(tmp_path / "a.ts", middle), "a.ts")
    assert 2000 <= clip.facts.duration_ms <= 3600
    shown = convert_item(library, worker, create_clip_item(clip.sha256), PANEL)
    assert shown.duration_ms == pytest.approx(clip.facts.duration_ms, abs=40)


def test_lost_packets_are_named_with_the_time_of_the_damage(
    library: Library, tmp_path: Path, packets: list[bytes]
) -> None:
    lost = films.list_picture_packets(packets)
    lost_index = lost[len(lost) // 2]
    with pytest.raises(Refused) as refused:
        add_clip(library, write(tmp_path / "a.ts", packets[:lost_index] + packets[lost_index + 1 :]), "a.ts")
    (fault,) = refused.value.faults
    assert fault.code == "clip-packets-lost"
    assert 1 <= fault.facts["seconds"] <= 3.5


def test_parts_of_different_codecs_are_named(library: Library, tmp_path: Path, packets: list[bytes]) -> None:
    other = films.write_film(tmp_path / "b.ts", frames=50, codec="mpeg2video")
    with pytest.raises(Refused) as refused:
        add_clip(library, write(tmp_path / "a.ts", packets + films.split_transport_stream(other)), "a.ts")
    assert refused.value.faults[0].code == "clip-parts-differ"
