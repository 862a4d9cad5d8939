"""Benchmark: upload a large film in pieces, beside ``cp`` and ``sha256sum`` of the same file.

The film is a real one with padding (a ``free`` box), so that all steps run: receive, hash, sync, probe in the sandbox,
store. It runs twice: by the library in its own process, and by tus over HTTP to a real server; the memory of these
processes is measured.
"""

import multiprocessing
import subprocess
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from signage.bench.support import tus_client as _tus
from signage.bench.support.result_rows import create_row, get_peak_memory_mb
from signage.bench.support.server_process import run_server

_CHUNK_BYTES = _tus.CHUNK_BYTES
_WRITE_BYTES = 1 << 20
_WARM_BYTES = 40_000_000


def run(megabytes: int = 2000) -> list[dict[str, Any]]:
    """Return rows for one upload of so many MB, at least 1."""
    size = max(1, megabytes) * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "film.mp4"
        _write_film(source, size)
        yardstick = size / 1e6 / _measure_copy_s(source)
        seconds, grown = _measure_library(folder, source)
        http_s, http_grown = _measure_http(Path(folder), source)
    description = f"{size / 1e9:g} GB taken in"
    return [
        create_row("upload", description, size / 1e6 / seconds, "MB/s", yardstick=yardstick, goal=0.5, at_most=False),
        create_row("upload", f"{description}: memory grown", grown, "MB", goal=50),
        create_row(
            "upload",
            f"{description} over HTTP",
            size / 1e6 / http_s,
            "MB/s",
            yardstick=yardstick,
            goal=0.5,
            at_most=False,
        ),
        create_row("upload", f"{description} over HTTP: memory grown", http_grown, "MB", goal=50),
    ]


def _measure_library(folder: str, source: Path) -> tuple[float, float]:
    """Return seconds and MB of the library alone."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_upload_film, args=(folder, source, theirs))
    child.start()
    theirs.close()
    result: tuple[float, float] = ours.recv()
    child.join()
    return result


def _measure_http(folder: Path, source: Path) -> tuple[float, float]:
    """Return the seconds of an upload to a real server, and the peak growth of its processes' memory in MB.

    A small film is uploaded first: what a server loads for its first upload is not part of the measurement.
    """
    installation, small = folder / "office", folder / "small.mp4"
    installation.mkdir()
    _write_film(small, _WARM_BYTES)
    token = _tus.create_operator_token(installation)
    with run_server(installation) as (port, processes):
        _tus.upload_file(port, token, small)
        before = _sum_peak_memory_mb(processes)
        begin = time.perf_counter()
        _tus.upload_file(port, token, source)
        seconds = time.perf_counter() - begin
        return seconds, _sum_peak_memory_mb(processes) - before


def _sum_peak_memory_mb(processes: list[int]) -> float:
    """Sum the peak memory of the processes; None if the system does not report it."""
    status_texts = [Path(f"/proc/{pid}/status") for pid in processes]
    peaks = [path.read_text("utf-8").partition("VmHWM:")[2].split()[0] for path in status_texts if path.exists()]
    return sum(int(peak) * 1024 for peak in peaks) / 1e6


def _write_film(target: Path, size: int) -> None:
    """Write a small film with a large empty box: *size* bytes that are a valid clip."""
    from fractions import Fraction

    from PIL import Image

    from signage.library.codecs import mp4_writer as mp4

    with (
        target.open("w+b") as file,
        mp4.Mp4Writer(file, mp4.VideoParameters(64, 48, Fraction(25), Fraction(1, 25), 500)) as film,
    ):
        for number in range(25):
            film.add_frame(mp4.convert_to_frame(Image.new("RGB", (64, 48), (number * 10, 0, 0))), number, 1)
    with target.open("ab") as room:
        left = size - room.tell()
        room.write(b"\0\0\0\1free" + left.to_bytes(8, "big"))
        pattern = bytes(range(256)) * (_WRITE_BYTES // 256)
        left -= 16
        while left > 0:
            left -= room.write(pattern[: min(left, _WRITE_BYTES)])


def _measure_copy_s(source: Path) -> float:
    """Return the seconds that ``cp`` and ``sha256sum`` take."""
    target = source.with_suffix(".copy")
    begin = time.perf_counter()
    subprocess.run(["cp", str(source), str(target)], check=True)
    subprocess.run(["sha256sum", str(target)], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    target.unlink()
    return seconds


def _upload_film(folder: str, source: Path, answer: Connection) -> None:
    from signage.library.service import Library
    from signage.library.settings import LibraryConfig
    from signage.model.users import Actor
    from signage.services.context import AppContext
    from signage.services.library import clip_uploads
    from signage.store.engine import Store
    from signage.store.migrate import migrate_database

    store = Store(Path(folder) / "signage.db")
    migrate_database(store)
    library = Library(store, Path(folder), LibraryConfig())
    context = AppContext(store, library.clock, Path(folder), Path(folder))
    actor = Actor("bench", frozenset({"operator"}), "bureau")
    before = get_peak_memory_mb()
    begin = time.perf_counter()
    upload = clip_uploads.create_upload(context, library, actor, "film.mp4", source.stat().st_size)
    with source.open("rb", buffering=0) as file:
        while not upload.is_complete:
            length = min(_CHUNK_BYTES, upload.size - upload.offset)
            upload = clip_uploads.write_upload(context, library, actor, upload.id, upload.offset, file, length)
    answer.send((time.perf_counter() - begin, get_peak_memory_mb() - before))
    library.sandbox.close()
    if upload.sha256 is None:
        raise SystemExit(f"the film was refused: {upload.fault}")
