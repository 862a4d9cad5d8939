"""Writes the parts of a bundle besides the log: plays, published playlists and thumbnails, as streams."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signage.evidence.archive_files import COLUMNS, JudgedPlay, write_parquet, write_raw_rows
from signage.evidence.bundle.scope import BundleSources
from signage.evidence.play_export import CSV_COLUMNS, TIME_COLUMNS, format_csv_row
from signage.model.spreadsheet_csv import iter_csv_bytes
from signage.protocol.playlist import Playlist, decode_playlist
from signage.protocol.plays import SHOWN_RESULTS

THUMBNAIL_SIZE = (320, 320)
MAX_THUMBNAILS = 2_000
MAX_FRAMES = 400


@dataclass(slots=True)
class BundleTotals:
    """Totals of the plays of a bundle."""

    plays: int = 0
    completed: int = 0
    shown_ms: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    items: dict[str, list[int]] = field(default_factory=dict)
    playlists: set[tuple[str, int]] = field(default_factory=set)
    screens: set[str] = field(default_factory=set)

    def add_play(self, play: JudgedPlay) -> None:
        """Add a play."""
        shown_ms = play.duration_ms if play.result in SHOWN_RESULTS else 0
        self.plays += 1
        self.completed += play.result == "completed"
        self.shown_ms += shown_ms
        self.verdicts[play.verdict] += 1
        counts = self.items.setdefault(play.item, [0, 0, 0])
        counts[0] += 1
        counts[1] += play.result == "completed"
        counts[2] += shown_ms
        self.playlists.add((play.screen, play.serial))
        self.screens.add(play.screen)


def write_plays(plays: Iterable[JudgedPlay], folder: Path, work: Path) -> tuple[BundleTotals, str]:
    """Write ``plays.csv`` and ``plays.parquet``; return totals and short hashes of the CSV's lines in base64."""
    totals = BundleTotals()
    short_hashes = bytearray()
    raw = work / "plays.raw"
    with (folder / "plays.csv").open("wb") as out, raw.open("w", encoding="utf-8", newline="") as raw_file:

        def rows() -> Iterator[tuple[object, ...]]:
            for play in write_raw_rows(raw_file, plays):
                totals.add_play(play)
                yield format_csv_row(play)

        for piece in iter_csv_bytes(CSV_COLUMNS, rows()):
            out.write(piece)
            for line in piece.split(b"\n")[:-1]:
                short_hashes += hashlib.sha256(line + b"\n").digest()[:4]
    times = {at: f"make_timestamp({ms} * 1000) AS {at}" for at, ms in TIME_COLUMNS.items()}
    selection = ", ".join(times.get(name, name) for name in CSV_COLUMNS)
    write_parquet(raw, folder / "plays.parquet", COLUMNS, selection)
    raw.unlink()
    return totals, base64.b64encode(bytes(short_hashes)).decode("ascii")


def write_playlists(playlists: Iterable[tuple[str, int]], sources: BundleSources, folder: Path) -> dict[str, str]:
    """Write ``playlists/SCREEN-SERIAL.json``; return item → sha256 of a picture of it."""
    target = folder / "playlists"
    target.mkdir()
    pictures: dict[str, str] = {}
    for screen, serial in playlists:
        path = target / f"{screen}-{serial}.json"
        content = None if path.exists() else sources.find_playlist(screen, serial)
        if content is None:
            continue
        path.write_bytes(content)
        for item, sha256 in _list_pictures(decode_playlist(content)):
            pictures.setdefault(item, sha256)
    return pictures


def _list_pictures(playlist: Playlist) -> Iterator[tuple[str, str]]:
    for name, item in playlist.items.items():
        media = sorted(item.media, key=lambda medium: not medium.type.startswith("image/"))
        if media:
            yield name, media[0].sha256


def write_thumbnails(pictures: dict[str, str], sources: BundleSources, folder: Path) -> dict[str, str]:
    """Write ``thumbnails/``; return item → name. Items that cannot be drawn are left out."""
    target = folder / "thumbnails"
    target.mkdir()
    names: dict[str, str] = {}
    for item, sha256 in sorted(pictures.items())[:MAX_THUMBNAILS]:
        source = sources.find_picture(sha256)
        name = f"{item.replace('/', '--')}-{sha256[:8]}.png"
        if source is not None and create_thumbnail(source, target / name):
            names[item] = f"thumbnails/{name}"
    return names


def create_thumbnail(source: Path, target: Path) -> bool:
    """Draw a thumbnail of a rendition; return False where it cannot be drawn."""
    from PIL import Image

    try:
        with Image.open(source) as opened:
            image: Image.Image | None = opened.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        image = _pick_frame(source)
    if image is None:
        return False
    width, height = image.size
    if width > 6 * height:  # a scrolling strip: its middle is legible, the whole strip would be tiny
        image = image.crop((max(0, width // 2 - 3 * height), 0, min(width, width // 2 + 3 * height), height))
    image.thumbnail(THUMBNAIL_SIZE)
    image.save(target, "PNG", optimize=True)
    return True


def _pick_frame(source: Path) -> Any:
    """Return the frame with the most contrast of those at 25, 50 and 75 % of a film."""
    import av
    from PIL import ImageStat

    best: tuple[float, Any] = (-1.0, None)
    try:
        with av.open(str(source), options={"protocol_whitelist": "file", "format_whitelist": "mov"}) as film:
            for part in (0.25, 0.5, 0.75):
                image = _decode_frame_at(film, part * (film.duration or 0) / av.time_base)
                if image is not None:
                    contrast = ImageStat.Stat(image.convert("L")).stddev[0]
                    best = max(best, (contrast, image), key=lambda candidate: candidate[0])
    except (av.error.FFmpegError, OSError, ValueError, IndexError):
        pass
    return best[1]


def _decode_frame_at(film: Any, at_s: float) -> Any:
    import av

    film.seek(int(at_s * av.time_base))
    frame = None
    for number, frame in enumerate(film.decode(video=0)):
        if (frame.time or 0.0) >= at_s or number >= MAX_FRAMES:
            break
    return None if frame is None else frame.to_image()
