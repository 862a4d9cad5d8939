"""Whatever is brought: one sentence with cause and mend, or a clip; never a lost worker, never a file elsewhere."""

import io
import os
import random
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import pytest
from PIL import Image

from signage.faults import Refused
from signage.library.ingest import AddedClip
from signage.library.rendition_specs import decode_spec, get_preview_kind
from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.messages import has_message, render_fault, render_hint
from signage.store.library import renditions
from tests.library import films
from tests.library.items import create_campaign, create_clip_item, create_panel
from tests.library.renditions import encode_png_chunk as chunk
from tests.support.clips import add_clip

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


def refused(library: Library, data: bytes, name: str = "海报.mp4") -> str:
    """The code with which *data* is refused; its sentences are whole, and nothing of it stays."""
    before = {p for p in library.blobs.folder.rglob("*") if p.is_file()}
    with pytest.raises(Refused) as found:
        add_clip(library, io.BytesIO(data), name)  # type: ignore[arg-type]
    (fault,) = found.value.faults
    assert has_message(fault.code)
    for language in ("zh", "en"):
        sentence = render_fault(fault, language)  # type: ignore[arg-type]
        assert name in sentence and "{" not in sentence
        assert render_hint(fault, language)  # type: ignore[arg-type]
    assert {p for p in library.blobs.folder.rglob("*") if p.is_file()} == before
    return fault.code


def picture(kind: str, size: tuple[int, int] = (64, 48), **more: object) -> bytes:
    target = io.BytesIO()
    films.draw_test_card(*size).save(target, kind, **more)
    return target.getvalue()


def film(tmp_path: Path, name: str = "f.mp4", **more: object) -> bytes:
    return films.write_film(tmp_path / name, **{"frames": 25, "size": (64, 48), **more}).read_bytes()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "clip-empty"),
        (SVG, "clip-type"),
        (b"<?xml version='1.0'?>\n" + SVG, "clip-type"),
        (HLS, "clip-type"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "clip-type"),
        (b"%PDF-1.7\n", "clip-type"),
        (b"PK\x03\x04" + bytes(100), "clip-type"),
        (b"II*\x00" + bytes(100), "clip-type"),
        ("一段文字".encode(), "clip-type"),
        (bytes(5000), "clip-type-unknown"),
        (b"\x00\x00\x00\x20ftypheic" + bytes(64), "clip-type"),
        (b"\x00\x00\x00\x20ftypisom" + HLS, "clip-cut-off"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(16), "clip-cut-off"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), "clip-type"),
        (b"GIF89a" + bytes(20), "clip-damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "clip-damaged"),
        (b"BM" + bytes(100), "clip-damaged"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "clip-damaged"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "clip-type"),
        (b"\x00\x00\x01\xba" + bytes(5000), None),
        (b"\x47" + bytes(187) + b"\x47" + bytes(187) + b"\x47" + bytes(5000), None),
    ],
)
def test_what_is_no_clip_is_refused(library: Library, data: bytes, code: str | None) -> None:
    assert refused(library, data) in ({code} if code else {"clip-damaged", "clip-no-picture", "clip-no-frames"})


def test_several_pictures_in_one_are_refused(library: Library) -> None:
    target = io.BytesIO()
    Image.new("RGB", (32, 32)).save(target, "MPO", save_all=True, append_images=[Image.new("RGB", (32, 32), "red")])
    assert refused(library, target.getvalue(), "照片.jpg") == "clip-type"


def test_sound_alone_is_refused(library: Library, tmp_path: Path) -> None:
    import numpy as np

    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        voice = out.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48000
        out.mux([*voice.encode(frame), *voice.encode(None)])
    assert refused(library, path.read_bytes()) == "clip-no-picture"


def test_a_film_without_frames_is_refused(library: Library, tmp_path: Path) -> None:
    data = film(tmp_path, fragments=True)
    assert refused(library, data[: data.index(b"moof") - 4]) == "clip-no-frames"


@pytest.mark.parametrize(("codec", "pixels"), [("mpeg4", "yuv420p"), ("mjpeg", "yuvj420p")])
def test_a_codec_that_is_not_taken_is_named(library: Library, tmp_path: Path, codec: str, pixels: str) -> None:
    data = films.write_film(tmp_path / "f.mp4", codec=codec, pixels=pixels).read_bytes()
    with av.open(io.BytesIO(data)) as container:
        assert container.streams.video[0].codec_context.name == codec
    assert refused(library, data) == "clip-codec"


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "front", "back"])
def test_a_file_that_is_cut_off_is_refused(library: Library, tmp_path: Path, kind: str, part: float) -> None:
    if kind in ("front", "back"):
        data = film(tmp_path, frames=100)
        if kind == "front":
            data = (ASSETS / "12315.mp4").read_bytes()
    else:
        noise = Image.frombytes("RGB", (100, 100), random.Random(3).randbytes(30_000))
        target = io.BytesIO()
        noise.save(target, kind)
        data = target.getvalue()
    assert refused(library, data[: int(len(data) * part)]) in ("clip-cut-off", "clip-damaged")


def bombs() -> Iterator[tuple[str, bytes]]:
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000))
    start, end = b"\x89PNG\r\n\x1a\n", chunk(b"IEND", b"")
    yield "many pixels", start + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + end
    small = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(bytes(784)))
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9))
    yield "packed text", start + small[:25] + text + small[25:] + end
    yield "huge gif", b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0;"
    bmp = (
        b"BM"
        + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0)
    )
    yield "huge bmp", bmp


@pytest.mark.parametrize(("name", "data"), list(bombs()), ids=[name for name, _ in bombs()])
def test_a_bomb_does_no_harm(library: Library, name: str, data: bytes) -> None:
    assert refused(library, data) in ("clip-too-many-pixels", "clip-damaged", "clip-over-limits")


# -- pictures spoilt by hand, as Pillow keeps them for its own tests


def parts(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG."""
    found, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def png(pieces: list[tuple[bytes, bytes]]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*piece) for piece in pieces)


def spoilt_pngs() -> Iterator[tuple[str, bytes]]:
    still = parts(picture("PNG"))
    head = still[0][1]
    yield "a wrong check sum", png(still).replace(head, head[:-1] + b"\1", 1)
    yield "broken rows", png([(name, b"\x78\x9c" + bytes(50) if name == b"IDAT" else body) for name, body in still])
    yield "no rows", png([piece for piece in still if piece[0] != b"IDAT"])
    target = io.BytesIO()
    shots = [films.draw_test_card(64, 48, n * 9) for n in range(3)]
    shots[0].save(target, "PNG", save_all=True, append_images=shots[1:], duration=100)
    moving = parts(target.getvalue())
    last = max(n for n, (name, _) in enumerate(moving) if name == b"fcTL")
    late = (9).to_bytes(4, "big") + moving[last][1][4:]
    yield "a gap in the frames", png([*moving[:last], (b"fcTL", late), *moving[last + 1 :]])
    yield "a frame without its control", png([*moving[:last], *moving[last + 1 :]])
    yield "more frames told", png([(n, bytes([0, 0, 9, 9]) + b[4:] if n == b"acTL" else b) for n, b in moving])


def spoilt_others() -> Iterator[tuple[str, bytes]]:
    bmp = picture("BMP")
    yield "a BMP of an unknown head", bmp[:14] + struct.pack("<I", 66) + bmp[18:]
    yield "a BMP of 30,000 bits", bmp[:28] + struct.pack("<H", 30_000) + bmp[30:]
    yield "a BMP of an unknown packing", bmp[:30] + struct.pack("<I", 77) + bmp[34:]
    yield "a BMP of an endless palette", bmp[:28] + struct.pack("<H", 8) + bmp[30:46] + b"\x12\x34\x34\x12" + bmp[50:]
    gif = picture("GIF")
    frame = gif.index(b",\0\0\0\0")
    yield "a GIF of no width", gif[:6] + b"\0\0" + gif[8 : frame + 5] + b"\0\0" + gif[frame + 7 :]
    yield "a GIF whose frame is far off", gif[: frame + 1] + b"\xff\xff\xff\xff" + gif[frame + 5 :]


@pytest.mark.parametrize(("name", "data"), [*spoilt_pngs(), *spoilt_others()])
def test_a_picture_spoilt_by_hand_is_refused(library: Library, name: str, data: bytes) -> None:
    assert refused(library, data) in ("clip-damaged", "clip-cut-off", "clip-too-many-pixels", "clip-over-limits")


SAMPLES = [path for path in sorted(Path(os.environ.get("SIGNAGE_SAMPLES", os.devnull)).rglob("*")) if path.is_file()]
"""Whatever files are in the folder that SIGNAGE_SAMPLES names, such as those that Pillow's source brings."""


def test_any_sample_is_a_clip_or_refused_with_one_sentence(library: Library) -> None:
    for path in [ASSETS / "12315.mp4", Path(__file__), *SAMPLES]:
        try:
            add_clip(library, path, path.name)
        except Refused as refusal:
            (fault,) = refusal.faults
            assert "{" not in render_fault(fault, "zh") + render_hint(fault, "zh") and render_hint(fault, "en"), (
                path.name
            )


# -- mutants


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Some of the things that bad lines, bad disks and bad people do to a file."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(spoilt) if chance.random() < 0.5 else min(len(spoilt), 1500))
        kind = chance.randrange(6)
        if kind == 0:
            spoilt[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            spoilt[at : at + 4] = chance.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\1"])
        elif kind == 2:
            del spoilt[at : at + chance.randint(1, 64)]
        elif kind == 3:
            spoilt[at:at] = chance.randbytes(chance.randint(1, 64))
        elif kind == 4:
            other = chance.randrange(len(spoilt))
            spoilt[at : at + 32] = spoilt[other : other + 32]
        elif len(spoilt) > 200:
            del spoilt[chance.randrange(100, len(spoilt)) :]
        if not spoilt:
            break
    return bytes(spoilt)


def seeds(tmp_path: Path) -> dict[str, bytes]:
    frames = [films.draw_test_card(64, 48, n * 9) for n in range(4)]
    moving = {}
    for kind in ("GIF", "WEBP", "PNG"):
        target = io.BytesIO()
        frames[0].save(target, kind, save_all=True, append_images=frames[1:], duration=100, loop=0)
        moving[f"moving {kind}"] = target.getvalue()
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "12315": films.cut_film(ASSETS / "12315.mp4", tmp_path / "12315.mp4").read_bytes(),
        "strip": films.cut_film(ASSETS / "strip.mp4", tmp_path / "strip.mp4").read_bytes(),
        "mp4": film(tmp_path, turn=90, sound_s=1),
        "mov": film(tmp_path, "f.mov", codec="libx265"),
        "webm": film(tmp_path, "f.webm", codec="libvpx"),
        "mpg": film(tmp_path, "f.mpg", codec="mpeg2video"),
        "ts": film(tmp_path, "f.ts", codec="mpeg2video", container="mpegts"),
        "m2v": film(tmp_path, "f.m2v", codec="mpeg1video", container="mpeg1video"),
        "JPEG": picture("JPEG", exif=exif),
        "PNG": picture("PNG"),
        "GIF": picture("GIF"),
        "WEBP": picture("WEBP"),
        "BMP": picture("BMP"),
        **moving,
    }


MUTANTS_EACH = 25


@pytest.fixture
def config() -> LibraryConfig:
    return LibraryConfig(reserve_mb=0, probe_s=10, convert_s=20, memory_mb=400, max_film_s=60)


@pytest.mark.slow
def test_hundreds_of_mutants_do_no_harm(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    chance = random.Random(315)
    sources = seeds(tmp_path)
    mutants = [(name, mutate(data, chance)) for name, data in sources.items() for _ in range(MUTANTS_EACH)]

    def ingest(mutant: tuple[str, bytes]) -> AddedClip | Refused:
        try:
            return add_clip(library, io.BytesIO(mutant[1]), mutant[0])
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(ingest, mutants))
    taken = {result.sha256 for result in results if isinstance(result, AddedClip)}
    codes: Counter[str] = Counter()
    for refusal in results:
        if isinstance(refusal, Refused):
            (fault,) = refusal.faults
            assert "{" not in render_fault(fault, "zh") + render_hint(fault, "zh") and render_hint(fault, "en")
            codes[fault.code] += 1
    assert sum(codes.values()) > 50 and len(taken) > 50, codes
    assert codes["clip-over-limits"] < 10, codes
    _convert_all(library, worker, taken)
    assert not list(library.blobs.incoming.iterdir())
    good = add_clip(library, io.BytesIO(sources["mp4"]), "good.mp4")  # type: ignore[arg-type]
    assert good.facts.duration_ms == 1000
    inside = tmp_path / "state"
    strangers = {
        p for p in tmp_path.rglob("*") if p.is_file() and not p.is_relative_to(inside) and p.parent != tmp_path
    }
    assert not strangers


def _drop_thumbnails(library: Library, clips: set[str]) -> None:
    with library.store.write() as connection:
        for sha256 in clips:
            for row in renditions.list_renditions_of_clip(connection, sha256):
                if get_preview_kind(decode_spec(row.recipe)) == "thumbnail":
                    renditions.delete_rendition(connection, row.key)


def _convert_all(library: Library, worker: RenditionWorker, taken: set[str]) -> None:
    """Each mutant that was taken is converted, or fails with a sentence; what is served is our own encoding."""
    on = create_panel(48, 32, codecs=("h264", "aac"))
    ends: dict[str, int] = {}
    for sha256 in sorted(taken):
        one = create_clip_item(sha256, 1)
        whole = create_campaign(one)
        library.catalog.request_rendition(whole, one, on)
    _drop_thumbnails(library, taken)  # they decode as the posters do
    with ThreadPoolExecutor(2) as pool:
        other = RenditionWorker(library.store, library.blobs, library.config, library.clock, library.sandbox)
        assert sum(pool.map(RenditionWorker.drain, (worker, other))) >= 2 * len(taken)
    for sha256 in sorted(taken):
        one = create_clip_item(sha256, 1)
        length = library.catalog.get_length(create_campaign(one), one, on)
        shown = library.catalog.get_or_create_item(create_campaign(one), one, on)
        if shown is None:
            assert not isinstance(length, int)
            assert "{" not in render_fault(length, "zh") and render_hint(length, "en")
            ends[length.code] = ends.get(length.code, 0) + 1
        else:
            path = library.find_media(shown.media[0].sha256)
            assert path is not None
            assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" or path.read_bytes()[4:8] == b"ftyp"
            ends["made"] = ends.get("made", 0) + 1
    assert ends["made"] > 30, ends


def test_two_gigabytes_are_not_read_into_memory(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read at a time stays small, whatever comes."""
    sizes: list[int] = []

    class Endless(io.RawIOBase):
        def seekable(self) -> bool:
            return False

        def read(self, size: int = -1) -> bytes:
            sizes.append(size)
            return b"\x47" * size

    library.clip_ingest._config = LibraryConfig(max_mb=5, reserve_mb=0)
    with pytest.raises(Refused) as found:
        add_clip(library, Endless(), "endless.ts")  # type: ignore[arg-type]
    assert found.value.faults[0].code == "clip-too-large"
    assert 0 < max(sizes) <= 1 << 20
    assert not list(library.blobs.incoming.iterdir())
