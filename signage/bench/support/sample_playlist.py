"""Playlists and a filled cache for benchmarks of players."""

import base64
import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from signage.player.storage.cache import Envelope
from signage.protocol.playlist import (
    PLAYLIST_FORMAT,
    Loop,
    Motion,
    Playlist,
    PlaylistItem,
    PlaylistMedia,
    PlaylistPanel,
    Program,
    encode_playlist,
)
from signage.protocol.signing import compute_key_id, sign_document

Size = tuple[int, int]


def create_png(size: Size, seed: int) -> bytes:
    """Create an image with texture."""
    out = io.BytesIO()
    base = Image.radial_gradient("L").resize(size)
    Image.merge("RGB", [base, base.point(lambda v: (v * seed) % 256), base.rotate(180)]).save(out, "PNG")
    return out.getvalue()


def create_media(data: bytes, size: Size, motion: Motion | None = None) -> PlaylistMedia:
    digest = hashlib.sha256(data).hexdigest()
    found = motion if motion is not None else msgspec.UNSET
    return PlaylistMedia(f"/media/{digest}.png", "image/png", digest, len(data), *size, found)


def create_playlist(
    items: dict[str, PlaylistItem], panel: Size, screen: str = "bench", poll_seconds: int = 30
) -> Playlist:
    """Create a playlist of one loop over *items*, today and tomorrow."""
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    until = begin + timedelta(days=2)
    loop = Loop(sum(i.duration_ms for i in items.values()), tuple(items))
    return Playlist(
        PLAYLIST_FORMAT,
        screen,
        1,
        begin,
        until,
        "Asia/Shanghai",
        poll_seconds,
        PlaylistPanel("bench", *panel, "rgb"),
        items,
        {"a": loop},
        (Program(begin, until, "a", 0, "bench / always"),),
        (),
        (next(iter(items)),),
    )


def fill_cache(folder: Path, document: Playlist, media: list[tuple[PlaylistMedia, bytes]]) -> None:
    """Fill a cache folder as a player leaves it after a power cut."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    name = compute_key_id(public)
    (folder / "media").mkdir(parents=True)
    (folder / "keys.json").write_bytes(
        msgspec.json.encode({"root": name, "keys": {name: base64.b64encode(public).decode()}})
    )
    body = encode_playlist(document)
    envelope = Envelope(sign_document(body, [key]), '"bench"')
    (folder / "current.signed").write_bytes(msgspec.json.encode(envelope) + b"\n" + body)
    for each, data in media:
        (folder / "media" / f"{each.sha256}.png").write_bytes(data)
