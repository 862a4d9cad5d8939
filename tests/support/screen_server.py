"""A small signage server in memory, for players under test: real HTTP, signed documents, faults on demand."""

import gzip
import hashlib
import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from signage.protocol.playlist import (
    PLAYLIST_FORMAT,
    BrightnessChange,
    Loop,
    Motion,
    Playlist,
    PlaylistItem,
    PlaylistMedia,
    PlaylistPanel,
    Program,
    encode_playlist,
)
from signage.protocol.signing import PublicKey, PublicKeySet, compute_key_id, sign_document

TOKEN = "test-token"
PANEL = PlaylistPanel("test-32x16", 32, 16, "rgb")


def hash_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def create_png(color: tuple[int, int, int], size: tuple[int, int] = (32, 16)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


def create_media(
    data: bytes, kind: str = "image/png", size: tuple[int, int] = (32, 16), motion: Motion | None = None
) -> PlaylistMedia:
    ending = {"image/png": "png", "video/mp4": "mp4", "image/gif": "gif"}[kind]
    digest = hash_bytes(data)
    return PlaylistMedia(
        f"/media/{digest}.{ending}", kind, digest, len(data), *size, motion if motion is not None else msgspec.UNSET
    )  # fmt: skip


STILL_PNG = create_png((0, 0, 90))


def create_playlist(
    entries: dict[str, tuple[bytes, int]],
    *,
    begin: datetime,
    serial: int = 1,
    screen: str = "case-roof",
    poll_seconds: int = 1,
    order: tuple[str, ...] | None = None,
    days: int = 1,
    programs: tuple[Program, ...] | None = None,
    brightness: tuple[BrightnessChange, ...] = (),
    items: dict[str, PlaylistItem] | None = None,
    panel: PlaylistPanel = PANEL,
) -> Playlist:
    """A playlist of one loop over *entries* (name → PNG bytes, ms), for *days* from *begin*."""
    all_items = {
        name: PlaylistItem(kind="picture", duration_ms=ms, media=(create_media(data),))
        for name, (data, ms) in entries.items()
    }
    all_items |= items or {}
    names = order or tuple(all_items)
    all_items["_signage/still"] = PlaylistItem(kind="picture", duration_ms=10_000, media=(create_media(STILL_PNG),))
    loops = {"a": Loop(sum(all_items[n].duration_ms for n in names), names)} if names else {}
    until = begin + timedelta(days=days)
    only = (Program(begin, until, "a" if names else None, 0, "test / always"),)
    return Playlist(
        format=PLAYLIST_FORMAT, screen=screen, serial=serial, issued_at=begin, expires_at=until,
        timezone="Asia/Shanghai",
        poll_seconds=poll_seconds, panel=panel, items=all_items, loops=loops, programs=programs or only,
        brightness=brightness, fallback=("_signage/still",),
    )  # fmt: skip


class _QuietHttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        return  # players hang up on what they refuse


@dataclass
class ScreenServer:
    """Serves one screen. Set ``playlist``; what came in stands in ``plays``, ``statuses``, ``asked``."""

    playlist: Playlist | None = None
    media: dict[str, bytes] = field(default_factory=dict)
    keys: list[Ed25519PrivateKey] = field(default_factory=lambda: [Ed25519PrivateKey.generate()])
    intercept: Callable[["ScreenRequestHandler"], bool] = lambda handler: False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    headers: dict[str, str] = field(default_factory=dict)
    sign_with: list[Ed25519PrivateKey] | None = None

    def __post_init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.plays: dict[tuple[str, int], dict[str, Any]] = {}
        self.lost: list[tuple[str, int, int]] = []
        self.conflicts: list[tuple[str, int]] = []
        self.posts = 0
        self.statuses: list[dict[str, Any]] = []
        self.screenshots: list[tuple[str, bytes]] = []
        self.enrolment: dict[str, str] | None = None
        self.lock = threading.Lock()
        self.add_media(STILL_PNG)
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    def add_media(self, *data: bytes) -> None:
        for each in data:
            self.media[hash_bytes(each)] = each

    def serve_playlist(self, entries: dict[str, tuple[bytes, int]], **facts: Any) -> Playlist:
        """Serve a document over *entries* from now on, with its media."""
        self.add_media(*(data for data, _ in entries.values()))
        self.playlist = create_playlist(entries, **facts)
        return self.playlist

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get_key_id(self) -> str:
        return compute_key_id(self.keys[0].public_key().public_bytes_raw())

    def start(self) -> Self:
        owner = self

        class Bound(ScreenRequestHandler):
            screen_server = owner

        self._server = _QuietHttpServer(("127.0.0.1", self.port), Bound)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def store_plays(self, body: bytes) -> dict[str, Any]:
        batch = json.loads(body)
        stored = duplicates = 0
        with self.lock:
            self.posts += 1
            for play in batch["plays"]:
                key = (batch.get("run", ""), play["seq"])
                if key in self.plays:
                    duplicates += 1
                    if self.plays[key] != play:
                        self.conflicts.append(key)
                else:
                    self.plays[key] = play
                    stored += 1
            self.lost += [(batch.get("run", ""), a, b) for a, b in batch.get("lost", [])]
            through = self.get_acknowledged_through(batch.get("run", ""))
        return {"acknowledged_through": through, "stored": stored, "duplicates": duplicates, "rejected": []}

    def get_acknowledged_through(self, run: str) -> int:
        settled = {seq for r, seq in self.plays if r == run}
        settled |= {n for r, a, b in self.lost if r == run for n in range(a, b + 1)}
        n = 0
        while n + 1 in settled:
            n += 1
        return n

    def wait_for(self, what: Callable[[], bool], seconds: float = 10.0) -> None:
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, "it did not come"
            time.sleep(0.02)


class ScreenRequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    screen_server: ScreenServer
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        return

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.screen_server.clock(), usegmt=True)

    def send_answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | self.screen_server.headers | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _read_request(self) -> bool:
        owner = self.screen_server
        with owner.lock:
            owner.requests.append((self.command, self.path, dict(self.headers)))
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        if self.headers.get("Content-Encoding") == "gzip":
            self.body = gzip.decompress(self.body)
        if owner.intercept(self):
            return False
        closed = self.path.startswith("/screen/") and "enrolments" not in self.path
        if closed and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send_answer(401, b"{}", {"WWW-Authenticate": "Bearer"})
            return False
        return True

    def do_GET(self) -> None:
        if not self._read_request():
            return
        owner = self.screen_server
        if self.path == "/screen/v1/playlist.json" and owner.playlist is not None:
            body = encode_playlist(owner.playlist)
            tag = f'"{hash_bytes(body)[:16]}"'
            if self.headers.get("If-None-Match") == tag:
                self.send_answer(304, b"", {"ETag": tag})
                return
            signature = sign_document(body, owner.keys if owner.sign_with is None else owner.sign_with)
            self.send_answer(200, body, {"ETag": tag, "Playlist-Signature": signature})
        elif self.path == "/screen/v1/keys.json":
            publics = [k.public_key().public_bytes_raw() for k in owner.keys]
            import base64

            body = msgspec.json.encode(
                PublicKeySet(tuple(PublicKey(compute_key_id(p), base64.b64encode(p).decode()) for p in publics))
            )
            self.send_answer(200, body, {"Playlist-Signature": sign_document(body, owner.keys)})
        elif self.path.startswith("/media/"):
            self._send_media(self.path[len("/media/") :].split(".")[0])
        elif self.path.startswith("/screen/v1/enrolments/"):
            done = owner.enrolment
            self.send_answer(200 if done else 202, json.dumps(done or {}).encode())
        else:
            self.send_answer(404)

    def _send_media(self, digest: str) -> None:
        data = self.screen_server.media.get(digest)
        if data is None:
            self.send_answer(404)
            return
        tag = f'"{digest}"'
        asked = self.headers.get("Range", "")
        if asked.startswith("bytes=") and self.headers.get("If-Range", tag) == tag:
            start = int(asked[6:].split("-")[0])
            given = {"ETag": tag, "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            self.send_answer(206, data[start:], given)
            return
        self.send_answer(200, data, {"ETag": tag})

    def do_POST(self) -> None:
        if not self._read_request():
            return
        owner = self.screen_server
        if self.path == "/screen/v1/plays":
            self.send_answer(200, json.dumps(owner.store_plays(self.body)).encode())
        elif self.path == "/screen/v1/status":
            owner.statuses.append(json.loads(self.body))
            self.send_answer(204)
        elif self.path == "/screen/v1/enrolments":
            self.send_answer(201, json.dumps({"id": "e1", "code": "K7PM-3QXD", "poll_seconds": 1}).encode())
        else:
            self.send_answer(404)

    def do_PUT(self) -> None:
        if not self._read_request():
            return
        self.screen_server.screenshots.append((self.headers.get("Content-Type", ""), self.body))
        self.send_answer(204)
