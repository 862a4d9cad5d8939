"""A large film taken in piece by piece, beside ``cp`` and ``sha256sum`` of the same file.

The film is a real one with room in it (a ``free`` box), so that the whole way is gone: received, hashed, made durable,
looked at in the jail, sealed. It is done in a process of its own, whose memory is measured.
"""

import multiprocessing
import subprocess
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from signage.bench._rows import peak_mb, row

SIZE = 2_000_000_000
_PIECE = 16 << 20
_CHUNK = 1 << 20


def run() -> list[dict[str, Any]]:
    """Rows for one upload of SIZE bytes."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "film.mp4"
        _film(source)
        yardstick = _copied(source)
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        child = multiprocessing.get_context("spawn").Process(target=_upload, args=(folder, source, theirs))
        child.start()
        theirs.close()
        seconds, grown = ours.recv()
        child.join()
    what = f"{SIZE / 1e9:.0f} GB taken in"
    rate = SIZE / 1e6 / seconds
    return [
        row("upload", what, rate, "MB/s", yardstick=SIZE / 1e6 / yardstick, goal=0.5, at_most=False),
        row("upload", f"{what}: memory grown", grown, "MB", goal=50),
    ]


def _film(target: Path) -> None:
    """A small film and a large empty box: SIZE bytes that are a clip."""
    from fractions import Fraction

    from PIL import Image

    from signage.library import mp4

    with target.open("w+b") as file, mp4.Writer(file, mp4.Shape(64, 48, Fraction(25), Fraction(1, 25), 500)) as film:
        for number in range(25):
            film.show(mp4.frame_of(Image.new("RGB", (64, 48), (number * 10, 0, 0))), number, 1)
    with target.open("ab") as room:
        left = SIZE - room.tell()
        room.write(b"\0\0\0\1free" + left.to_bytes(8, "big"))
        pattern = bytes(range(256)) * (_CHUNK // 256)
        left -= 16
        while left > 0:
            left -= room.write(pattern[: min(left, _CHUNK)])


def _copied(source: Path) -> float:
    """Seconds that ``cp`` and ``sha256sum`` take."""
    target = source.with_suffix(".copy")
    begin = time.perf_counter()
    subprocess.run(["cp", str(source), str(target)], check=True)
    subprocess.run(["sha256sum", str(target)], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    target.unlink()
    return seconds


def _upload(folder: str, source: Path, answer: Connection) -> None:
    from signage.library.house import Library
    from signage.library.settings import LibraryConfig
    from signage.model.people import Actor
    from signage.store.engine import Store
    from signage.store.prepare import prepare

    store = Store(Path(folder) / "signage.db")
    prepare(store)
    library = Library(store, Path(folder), LibraryConfig())
    actor = Actor("bench", frozenset({"operator"}), "bureau")
    before = peak_mb()
    begin = time.perf_counter()
    upload = library.uploads.create(actor, "film.mp4", source.stat().st_size)
    with source.open("rb", buffering=0) as file:
        while not upload.complete:
            upload = library.uploads.write(
                upload.id, actor, upload.offset, file, min(_PIECE, upload.size - upload.offset)
            )
    answer.send((time.perf_counter() - begin, peak_mb() - before))
    library.jail.close()
    if upload.sha256 is None:
        raise SystemExit(f"the film was refused: {upload.fault}")
