"""A server in memory: a shelf, an intake and blobs that tests fill by hand."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.test import Client

from signage.faults import Fault, refuse
from signage.protocol import playlist as pl
from signage.protocol import signing
from signage.protocol.plays import PlayAcknowledgement, PlayBatchMessage
from signage.protocol.status import StatusMessage
from signage.services.screens.enrolments import EnrolmentService
from signage.store.engine import Store, metadata
from signage.store.screens.enrolments import enrolments
from signage.web.app import create_app
from signage.web.dependencies import WebDependencies
from signage.web.heartbeat_buffer import Heartbeat
from signage.web.http.conditional import format_http_date
from signage.web.http.image_check import Screenshot
from signage.web.settings import WebConfig

TOKEN = "tok_good-1"
AT = datetime(2021, 3, 15, 0, 0, 4, tzinfo=UTC)


class FakeClock:
    """A clock that tests set."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class FakeServedPlaylist:
    screen: str
    playlist: pl.Playlist
    key: Ed25519PrivateKey
    modified_at: int
    revoked: bool = False

    @property
    def serial(self) -> int:
        return self.playlist.serial

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.get_document()).hexdigest()[:32]}"'

    @property
    def last_modified(self) -> str:
        return format_http_date(self.modified_at)

    def get_document(self) -> bytes:
        return pl.encode_playlist(self.playlist)

    def get_signature(self) -> str:
        return signing.sign_document(self.get_document(), [self.key])


class FakePlaylistSource:
    def __init__(self) -> None:
        self.tokens: dict[str, FakeServedPlaylist] = {}

    def find(self, token: str) -> FakeServedPlaylist | None:
        return self.tokens.get(token)

    def find_by_screen(self, screen: str) -> FakeServedPlaylist | None:
        return next((one for one in self.tokens.values() if one.screen == screen), None)


class FakePlayReceiver:
    """Keeps what it was given; settles every play."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, bytes]] = []
        self.plays: dict[tuple[str, str, int], object] = {}
        self.lock = threading.Lock()

    def submit(self, screen_id: str, body: bytes) -> PlayAcknowledgement:
        try:
            batch = msgspec.json.decode(body, type=PlayBatchMessage)
        except msgspec.DecodeError as error:
            raise refuse("plays-unreadable", "body", why=str(error)) from error
        with self.lock:
            self.batches.append((screen_id, body))
            new = [p for p in batch.plays if (screen_id, batch.run, p.seq) not in self.plays]
            self.plays.update({(screen_id, batch.run, p.seq): p for p in new})
            settled = {seq for s, r, seq in self.plays if (s, r) == (screen_id, batch.run)}
            for first, last in batch.lost:
                settled.update(range(first, last + 1))
            through = 0
            while through + 1 in settled:
                through += 1
        return PlayAcknowledgement(through, len(new), len(batch.plays) - len(new), ())


@dataclass
class FakeInstallation:
    """The parts of a fake installation, and the application over them."""

    root: Path
    config: WebConfig = field(default_factory=WebConfig)
    clock: FakeClock = field(default_factory=FakeClock)
    shelf: FakePlaylistSource = field(default_factory=FakePlaylistSource)
    intake: FakePlayReceiver = field(default_factory=FakePlayReceiver)
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    contacts: list[Heartbeat] = field(default_factory=list)
    statuses: list[tuple[str, StatusMessage]] = field(default_factory=list)
    screenshots: list[Screenshot] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.enrolment_store = create_enrolment_store(self.root)
        self.enrolments = EnrolmentService(self.enrolment_store, self.clock)
        self.put_playlist(create_playlist())

    def put_playlist(
        self, document: pl.Playlist, token: str = TOKEN, modified_at: int | None = None
    ) -> FakeServedPlaylist:
        at = int(document.issued_at.timestamp()) if modified_at is None else modified_at
        self.shelf.tokens[token] = FakeServedPlaylist(document.screen, document, self.key, at)
        return self.shelf.tokens[token]

    def add_blob(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        (self.root / name).write_bytes(data)
        return name

    def blob(self, sha256: str) -> Path | None:
        path = self.root / sha256
        return path if path.exists() else None

    def keys(self) -> tuple[bytes, str]:
        import base64

        public = self.key.public_key().public_bytes_raw()
        known = signing.PublicKey(signing.compute_key_id(public), base64.b64encode(public).decode())
        document = msgspec.json.encode(signing.PublicKeySet((known,)))
        return document, signing.sign_document(document, [self.key])

    def record_contacts(self, batch: Sequence[Heartbeat]) -> None:
        self.contacts.extend(batch)

    def record_status(self, screen: str, status: StatusMessage, at: datetime) -> None:
        self.statuses.append((screen, status))

    def create_dependencies(self) -> WebDependencies:
        return WebDependencies(
            playlists=self.shelf,
            play_ingest=self.intake,
            find_blob=self.blob,
            clock=self.clock,
            get_signed_keys=self.keys,
            record_heartbeats=self.record_contacts,
            record_status=self.record_status,
            store_screenshot=self.screenshots.append,
            enrolments=self.enrolments,
            list_readiness_faults=lambda: self.faults,
            config=self.config,
        )

    def create_client(self) -> Client:
        return Client(create_app(self.create_dependencies()))


def create_enrolment_store(root: Path) -> Store:
    """A database for screens that ask to be let in, and for nothing else."""
    store = Store(root / "enrolments.db")
    with store.write() as connection:
        metadata.create_all(connection, [enrolments])
    return store


def create_slogan(text: str, duration_ms: int = 8000, *media: pl.PlaylistMedia) -> pl.PlaylistItem:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    still = pl.PlaylistMedia(f"/media/{sha256}.png", "image/png", sha256, 1234, 192, 64)
    return pl.PlaylistItem(kind="slogan", text=text, duration_ms=duration_ms, media=media or (still,))


def create_playlist(
    items: dict[str, pl.PlaylistItem] | None = None,
    order: Sequence[str] | None = None,
    begins: datetime = datetime(2021, 3, 15, tzinfo=UTC),
    days: int = 1,
    serial: int = 1,
    screen: str = "taxi-0001",
    programs: tuple[pl.Program, ...] | None = None,
    panel: tuple[int, int] = (192, 64),
) -> pl.Playlist:
    """One program of one loop over all of *items*, from *begins* on."""
    items = items or {
        "315-2021/slogan-01": create_slogan("守护安全 畅通消费"),
        "315-2021/slogan-02": create_slogan("诚信经营"),
    }
    order = tuple(order or items)
    loop = pl.Loop(sum(items[name].duration_ms for name in order), order)
    ends = begins + timedelta(days=days)
    return pl.Playlist(
        format=pl.PLAYLIST_FORMAT,
        screen=screen,
        serial=serial,
        issued_at=begins,
        expires_at=ends,
        timezone="Asia/Shanghai",
        poll_seconds=30,
        panel=pl.PlaylistPanel("taxi-192x64", *panel, "rgb"),
        items=items,
        loops={"l1": loop},
        programs=programs or (pl.Program(begins, ends, "l1", 0, "315-2021 / daytime"),),
        brightness=(),
        fallback=(order[0],),
    )
