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
from signage.protocol.plays import Acknowledged, Plays
from signage.protocol.status import Status
from signage.services.screens.enrolments import Enrolments
from signage.store.engine import Store, metadata
from signage.store.screens.enrolments import enrolments
from signage.web.app import create_app
from signage.web.dependencies import Services
from signage.web.heartbeat_buffer import Contact
from signage.web.http.conditional import http_date
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
class FakeShelved:
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
        return f'"{hashlib.sha256(self.document()).hexdigest()[:32]}"'

    @property
    def last_modified(self) -> str:
        return http_date(self.modified_at)

    def document(self) -> bytes:
        return pl.encode(self.playlist)

    def signature(self) -> str:
        return signing.sign(self.document(), [self.key])


class FakeShelf:
    def __init__(self) -> None:
        self.tokens: dict[str, FakeShelved] = {}

    def find(self, token: str) -> FakeShelved | None:
        return self.tokens.get(token)

    def of_screen(self, screen: str) -> FakeShelved | None:
        return next((one for one in self.tokens.values() if one.screen == screen), None)


class FakeIntake:
    """Keeps what it was given; settles every play."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, bytes]] = []
        self.plays: dict[tuple[str, str, int], object] = {}
        self.lock = threading.Lock()

    def submit(self, screen_id: str, body: bytes) -> Acknowledged:
        try:
            batch = msgspec.json.decode(body, type=Plays)
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
        return Acknowledged(through, len(new), len(batch.plays) - len(new), ())


@dataclass
class Server:
    """The parts of a fake installation, and the application over them."""

    root: Path
    config: WebConfig = field(default_factory=WebConfig)
    clock: FakeClock = field(default_factory=FakeClock)
    shelf: FakeShelf = field(default_factory=FakeShelf)
    intake: FakeIntake = field(default_factory=FakeIntake)
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    contacts: list[Contact] = field(default_factory=list)
    statuses: list[tuple[str, Status]] = field(default_factory=list)
    screenshots: list[Screenshot] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiting_room = waiting_room(self.root)
        self.enrolments = Enrolments(self.waiting_room, self.clock)
        self.put(playlist())

    def put(self, document: pl.Playlist, token: str = TOKEN, modified_at: int | None = None) -> FakeShelved:
        at = int(document.issued_at.timestamp()) if modified_at is None else modified_at
        self.shelf.tokens[token] = FakeShelved(document.screen, document, self.key, at)
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
        known = signing.Key(signing.key_id(public), base64.b64encode(public).decode())
        document = msgspec.json.encode(signing.Keys((known,)))
        return document, signing.sign(document, [self.key])

    def record_contacts(self, batch: Sequence[Contact]) -> None:
        self.contacts.extend(batch)

    def record_status(self, screen: str, status: Status, at: datetime) -> None:
        self.statuses.append((screen, status))

    def services(self) -> Services:
        return Services(
            shelf=self.shelf,
            intake=self.intake,
            blob=self.blob,
            clock=self.clock,
            keys=self.keys,
            record_contacts=self.record_contacts,
            record_status=self.record_status,
            store_screenshot=self.screenshots.append,
            enrolments=self.enrolments,
            ready=lambda: self.faults,
            config=self.config,
        )

    def client(self) -> Client:
        return Client(create_app(self.services()))


def waiting_room(root: Path) -> Store:
    """A database for screens that ask to be let in, and for nothing else."""
    store = Store(root / "enrolments.db")
    with store.write() as connection:
        metadata.create_all(connection, [enrolments])
    return store


def slogan(text: str, duration_ms: int = 8000, *media: pl.Media) -> pl.Item:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    still = pl.Media(f"/media/{sha256}.png", "image/png", sha256, 1234, 192, 64)
    return pl.Item(kind="slogan", text=text, duration_ms=duration_ms, media=media or (still,))


def playlist(
    items: dict[str, pl.Item] | None = None,
    order: Sequence[str] | None = None,
    begins: datetime = datetime(2021, 3, 15, tzinfo=UTC),
    days: int = 1,
    serial: int = 1,
    screen: str = "taxi-0001",
    programs: tuple[pl.Program, ...] | None = None,
    panel: tuple[int, int] = (192, 64),
) -> pl.Playlist:
    """One program of one loop over all of *items*, from *begins* on."""
    items = items or {"315-2021/slogan-01": slogan("守护安全 畅通消费"), "315-2021/slogan-02": slogan("诚信经营")}
    order = tuple(order or items)
    loop = pl.Loop(sum(items[name].duration_ms for name in order), order)
    ends = begins + timedelta(days=days)
    return pl.Playlist(
        format=pl.FORMAT,
        screen=screen,
        serial=serial,
        issued_at=begins,
        expires_at=ends,
        timezone="Asia/Shanghai",
        poll_seconds=30,
        panel=pl.PanelFacts("taxi-192x64", *panel, "rgb"),
        items=items,
        loops={"l1": loop},
        programs=programs or (pl.Program(begins, ends, "l1", 0, "315-2021 / daytime"),),
        brightness=(),
        fallback=(order[0],),
    )
