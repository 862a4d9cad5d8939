"""Fill an installation of any size: screens with playlists, campaigns, library, incidents, plays, a takeover."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice

from signage.faults import Fault
from signage.model.campaign import Campaign, Placement, format_item_ref
from signage.model.campaign_file.write import format_campaign_file
from signage.model.clip_facts import ClipFacts
from signage.model.item import Item
from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.model.takeover import format_takeover_ref
from signage.model.users import make_cli_actor
from signage.protocol import playlist as wire
from signage.protocol.epoch import to_ms
from signage.publish.load_snapshot import ScheduleRules
from signage.schedule.live_content import parse_still_length
from signage.schedule.snapshot import ScheduleSnapshot
from signage.services.context import AppContext
from signage.services.publishing.publisher import Publisher
from signage.services.publishing.signing_keys import get_signing_keys
from signage.services.takeovers import takeovers
from signage.services.takeovers.takeovers import TakeoverRequest
from signage.store import audit_log as audit
from signage.store import change_counter as revision
from signage.store import incidents, playlists
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.library import clips
from signage.store.library import slogans as slogan_table
from signage.store.library.clips import ClipRow
from signage.store.plays import plays
from signage.store.screens import heartbeats as contacts
from signage.store.screens import screens
from signage.store.takeovers import delivery as landings

ITEMS_PER_CAMPAIGN = 10
_PLAYS_PER_RUN, _ROWS_PER_TRANSACTION, _INCIDENT_COUNT, _GROUP_COUNT = 10_000, 5_000, 500, 50


class _StubTextResolver:
    """Text resolver for which every rendition exists."""

    def __init__(self, installation: ScheduleSnapshot) -> None:
        self._texts = {format_item_ref(c.id, i.id): i.text or "" for c in installation.campaigns for i in c.items}
        self._texts |= {format_takeover_ref(t.id): t.text or "" for t in installation.takeovers}
        self._lengths: dict[str, int | Fault] = dict.fromkeys(self._texts, 8000)

    def get_lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        return self._lengths

    def request_missing(self) -> None:
        """Do nothing: all media exist."""

    def get_item(self, name: str, panel: Panel) -> wire.PlaylistItem:
        media = wire.PlaylistMedia(f"/media/{'0' * 64}.png", "image/png", "0" * 64, 12_345, panel.width, panel.height)
        length = parse_still_length(name) or 8000
        return wire.PlaylistItem(kind="slogan", text=self._texts.get(name, ""), duration_ms=length, media=(media,))


def fill_installation(app_context: AppContext, rules: ScheduleRules, fleet: int, number: int, play_count: int) -> str:
    """Fill the installation; a takeover of all screens is running. Returns its id."""
    now = app_context.clock.now().replace(microsecond=0)
    get_signing_keys(app_context)
    with app_context.store.write() as connection:
        screens.create_screens(connection, ((_build_screen(n), f"{n:064x}") for n in range(fleet)), now)
        contacts.record_polls(
            connection, [(format_screen_id(n), now - timedelta(minutes=n % 200), 1) for n in range(fleet)]
        )
        for n in range(number):
            _store_campaign(connection, n, now)
        revision.increment(connection, "screens", "campaigns")
    for begin in range(0, number * ITEMS_PER_CAMPAIGN, _ROWS_PER_TRANSACTION):
        with app_context.store.write() as connection:
            for n in range(begin, min(number * ITEMS_PER_CAMPAIGN, begin + _ROWS_PER_TRANSACTION)):
                _store_item(connection, n, now)
    with app_context.store.write() as connection:
        for n in range(min(fleet, _INCIDENT_COUNT)):
            _raise_incident(connection, n, now)
    for begin in range(0, play_count, _PLAYS_PER_RUN):
        with app_context.store.write() as connection:
            _store_plays(connection, begin // _PLAYS_PER_RUN, fleet, min(_PLAYS_PER_RUN, play_count - begin), now)
    return _start_takeover(app_context, Publisher(app_context, rules, _StubTextResolver))


def format_screen_id(number: int) -> str:
    """Return the id of a screen."""
    return f"taxi-{number:06}"


def _build_screen(number: int) -> Screen:
    groups = (f"group-{number % _GROUP_COUNT:02}",)
    return Screen(format_screen_id(number), "taxi-roof", "taxi-192x64", "Asia/Shanghai", groups=groups)


def _store_campaign(connection: Connection, number: int, now: datetime) -> None:
    """Store a campaign for one group of screens; every tenth is waiting for approval."""
    items = tuple(Item(f"s{n}", text=f"和谐社会 文明消费 {number} {n}") for n in range(ITEMS_PER_CAMPAIGN))
    window = now - timedelta(days=number % 5), now + timedelta(days=1 + number % 20)
    placed = (Placement((f"group:group-{number % _GROUP_COUNT:02}",), ("*",)),)
    one = Campaign(f"c-{number:05}", f"专题 {number}", "Asia/Shanghai", *window, items, placed)
    campaigns.create_version(connection, one, format_campaign_file(one), "console", "submitted", now, "li")
    if number % 10:
        campaigns.set_version_state(connection, one.id, 1, "approved", now)


def _store_item(connection: Connection, number: int, now: datetime) -> None:
    """Store a slogan and a clip of the library, and a log entry about them."""
    at = now - timedelta(minutes=number)
    slogan_table.create_slogan(
        connection,
        f"和谐社会 文明消费 {number // ITEMS_PER_CAMPAIGN} {number % ITEMS_PER_CAMPAIGN}",
        {"tags": ["315"]},
        at,
        "li",
    )
    facts = ClipFacts(kind="picture", format="PNG", type="image/png", ending="png", width=192, height=64)
    clips.create_clip(connection, ClipRow(f"{number:064x}", 12_345, f"clip {number}.png", facts, None, at, "li"))
    audit.append_entry(connection, at, "li", "clip.add", f"{number:064x}", {"name": f"clip {number}.png"})


def _raise_incident(connection: Connection, number: int, now: datetime) -> None:
    at = now - timedelta(minutes=number)
    values: dict[str, object] = {
        "kind": "other",
        "cause": None,
        "screen": format_screen_id(number),
        "unit": None,
        "what": f"dark {number}",
    }
    values |= {"facts": {}, "assigned": None, "raised_at": at, "raised_by": "li", "target_at": at + timedelta(hours=1)}
    incidents.create_incident(connection, values)


def _store_plays(connection: Connection, run: int, fleet: int, count: int, now: datetime) -> None:
    """Store a run of one screen, in batches as a screen sends them."""
    received = to_ms(now)
    of = plays.get_or_create_run(connection, format_screen_id(run % fleet), f"run-{run}", received)
    first = received - count * 8000
    sent = (
        plays.ReceivedPlay(
            *(n, f"c-{n % 100:05}/s1", "0" * 64, 1, now.isoformat(), 8000, "completed"),
            started_ms=first + n * 8000,
            received_ms=received,
        )
        for n in range(1, count + 1)
    )
    while some := list(islice(sent, _ROWS_PER_TRANSACTION)):
        plays.add_plays(connection, of, some)
    plays.settle_numbers(connection, of, range(1, count + 1), (), received)


def _start_takeover(app_context: AppContext, press: Publisher) -> str:
    """Start a takeover: of three screens one shows it, one has fetched it, one is offline."""
    press.publish_changes()
    takeover = takeovers.start_takeover(
        app_context,
        make_cli_actor("bench"),
        TakeoverRequest(("*",), "storm", duration=timedelta(minutes=60), text="台风红色预警"),
    )
    press.publish_changes()
    now = app_context.clock.now()
    with app_context.store.write() as connection:
        current = list(playlists.iter_current_playlists(connection))
        served = [(one.screen, one.serial) for n, one in enumerate(current) if n % 3]
        contacts.record_served_serials(connection, served)
        landings.on_serials_seen(connection, served)
        for one in current[1::3]:
            landings.on_status(connection, one.screen, now, format_takeover_ref(takeover.id))
    return takeover.id
