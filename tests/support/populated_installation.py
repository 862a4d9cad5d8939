"""An office in the middle of its work, with something of every kind: for looking at its pages."""

import json
import re
import time
from datetime import time as clock
from datetime import timedelta
from pathlib import Path

from signage.evidence.play_ingest import PlayIngest
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.daypart import Daypart
from signage.model.item import Item
from signage.model.users import SYSTEM_ACTOR, Actor
from signage.protocol.playlist import Playlist
from signage.protocol.status import EnrolmentPanel, EnrolmentRequest, StatusMessage
from signage.publish.playlist_cache import PlaylistCache
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import approval_rules, autosaves
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns.approval import Statement
from signage.services.campaigns.content_seal import compute_content_seal
from signage.services.consents import consents
from signage.services.consents.consents import ConsentTerms
from signage.services.incidents import incidents
from signage.services.library import clip_uploads, slogans
from signage.services.library import clips as clip_library
from signage.services.library.details import LibraryDetails
from signage.services.publishing.publisher import Publisher
from signage.services.screens import heartbeats as contacts
from signage.services.screens import registry as screens
from signage.services.settings import IncidentConfig
from signage.services.takeovers import takeovers
from signage.services.takeovers.takeovers import TakeoverRequest
from signage.services.users import accounts as people
from signage.store.campaigns import campaigns as kept
from signage.web.console.routes import PAGES
from tests.support.app_context import make_screen
from tests.support.console import InMemoryInstallation
from tests.web.media_server import create_film, create_picture

LI, WU = (
    Actor("li", frozenset({"operator"}), channel="console"),
    Actor("wu", frozenset({"approver"}), channel="console"),
)
ZHOU = Actor("zhou", frozenset({"duty"}), channel="console")
SLOGANS = (
    "守护安全 畅通消费",
    "维护消费者权益，构建社会主义和谐社会，保护消费者的合法权益是全社会共同责任",
    "诚实守信",
)
STREET, ROOF = "street-station-square-0001", "taxi-0001"
SKIPPED_ENDPOINTS = {
    "home.show",
    "language.choose",
    "today.list_now_playing",
    "screens.show_picture",
    "fleet.export_screens",
    "takeover.show_audience",
    "takeover.show_delivery",
    "preview.list_previews",
    "preview.show_picture",
    "clips.show_upload",
    "clips.show_progress",
    "campaigns.download",
    "editing.resume",
    "log.list",
    "log.export_entries",
    "log.export_plays",
    "reports.show_thumbnail",
    "login.show",
    "login.show_link",
    "second.show",
}
"""What is asked for by scripts, leads elsewhere, is one user's own, or is looked at where people log in."""


class PopulatedInstallation:
    """The office, and the names of what is in it."""

    def __init__(self, root: Path) -> None:
        self.installation = InMemoryInstallation(root)
        self.shelf = PlaylistCache(self.installation.office.store)
        self.installation.override_services(playlists=self.shelf, find_blob=self.installation.library.find_media)
        self.office, self.clock = self.installation.office, self.installation.clock
        self._add_screens()
        self._add_library(root)
        self._add_campaigns()
        self._publish()
        self._add_plays()
        self._add_incidents()
        self._add_consents()
        self.boss = self.installation.create_user("boss", "admin", "operator", "approver", "duty")
        fields = {"title": ["未写完的活动"], "placement[1].screens": ["*"], "placement[1].items": ["*"]}
        actor = people.create_actor(self.boss.person, "console")
        self.autosave = autosaves.create_autosave(self.office, actor, fields).number

    def _add_screens(self) -> None:
        fleet = [
            make_screen(f"taxi-{n:04}", unit="taxi-company", groups=("north",), tags=("centre",)) for n in range(1, 4)
        ]
        fleet.append(
            make_screen(STREET, kind="street", panel="street-1920x1080", unit="station", position=(113.26, 23.13))
        )
        for one in fleet:
            screens.create_screen(self.office, SYSTEM_ACTOR, one)
        for name, *roles in (("li", "operator"), ("wu", "approver"), ("zhou", "duty")):
            people.create_user(self.office, SYSTEM_ACTOR, name, roles)
        contacts.record_polls(self.office, [(one.id, self.clock.now(), 3) for one in fleet[1:]])
        facts = {
            "clock": self.clock.now().isoformat(),
            "faults": ("media-differs running/film",),
            "free_bytes": 1 << 33,
        }
        said = StatusMessage(player="kiosk", version="1", temperature_c=41.5, **facts)
        contacts.record_status(self.office, STREET, said, self.clock.now())
        contacts.store_screenshot(self.office, STREET, self.clock.now(), create_picture("navy", (320, 180), "roof"))
        panel = EnrolmentPanel(192, 64)
        self.code = self.installation.services.enrolments.request_enrolment(
            EnrolmentRequest("led-card 7", panel), "192.0.2.1"
        ).code

    def _add_library(self, root: Path) -> None:
        source = root / "消费维权工作专题片 12315 public service film.mp4"
        source.write_bytes(create_film(2.0, (200, 30, 20)))
        self.clip = clip_uploads.add_folder_clip(self.office, self.installation.library, source, source.name).sha256
        clip_library.update_details(self.office, LI, self.clip, LibraryDetails("专题片", ("film",), source="本单位"), 0)
        self.slogan, *_ = slogans.create_slogans(self.office, LI, "\n".join(SLOGANS), LibraryDetails(tags=("law",)))[0]
        slogans.update_slogan(
            self.office, LI, self.slogan, 1, SLOGANS[0], LibraryDetails("主题", ("theme",), source="市局")
        )

    def _add_campaigns(self) -> None:
        for name in ("running", "review", "returned", "draft"):
            items = (*(Item(f"s{n}", text=text) for n, text in enumerate(SLOGANS, 1)), Item("film", sha256=self.clip))
            begin = self.clock.now() - timedelta(days=2)
            placed = Placement(("*",), ("*",), dayparts=("daytime",))
            facts = {"dayparts": (Daypart("daytime", (), (), clock(6), clock(22)),), "theme": "守护安全 畅通消费"}
            title = f"2021年3·15国际消费者权益日 {name}"
            one = Campaign(name, title, "Asia/Shanghai", begin, begin + timedelta(days=9), items, (placed,), **facts)
            number = campaign_drafts.save_draft(self.office, LI, one, format_campaign_file(one), None)
            if name != "draft":
                campaign_drafts.submit_draft(self.office, LI, name, number, kept.compute_version_hash(one))
            if name == "running":
                self._approve(one, number)
            if name == "returned":
                approval_rules.return_version(
                    self.office, WU, name, number, kept.compute_version_hash(one), "主题写错了，请改"
                )

    def _approve(self, one: Campaign, number: int) -> None:
        approvals.open_version(self.office, WU, one.id, number)
        self.clock.move(10)
        approvals.record_views(self.office, WU, one.id, number, [item.id for item in one.items])
        approvals.approve(
            self.office, WU, one.id, number, kept.compute_version_hash(one), Statement(compute_content_seal(one), True)
        )

    def _publish(self) -> None:
        rules = self.installation.services.schedule_rules
        assert rules is not None
        press = Publisher(self.office, rules, self.installation.library.create_resolver)
        self.installation.library.start()
        end = time.monotonic() + 60
        while "running/film" not in self._load_playlist(press).items:
            assert time.monotonic() < end, "the film was not converted"
            time.sleep(0.2)

    def _load_playlist(self, press: Publisher) -> Playlist:
        press.publish_changes()
        self.shelf.refresh()
        found = self.shelf.find_by_screen(STREET)
        assert found is not None
        self.document = found.playlist
        return self.document

    def _add_plays(self) -> None:
        shown = [(name, item) for name, item in self.document.items.items() if name.startswith("running/")]
        plays = [
            {
                "seq": n,
                "item": name,
                "sha256": item.media[0].sha256,
                "serial": self.document.serial,
                "started_at": (self.clock.now() + timedelta(seconds=60 * n)).isoformat(timespec="milliseconds"),
                "duration_ms": item.duration_ms,
                "result": "cut" if n == 2 else "completed",
            }
            for n, (name, item) in enumerate(shown, 1)
        ]
        self.clock.move(600)
        intake = PlayIngest(self.office.store, self.clock)
        intake.submit(STREET, json.dumps({"run": "r1", "plays": plays, "lost": [[9, 12]]}).encode())
        intake.close()

    def _add_incidents(self) -> None:
        config = IncidentConfig()
        self.incident = incidents.report_incident(
            self.office, ZHOU, config, "车站广场大屏黑屏，电源模块故障", STREET, "13800000000"
        )
        incidents.advance_incident(self.office, ZHOU, config, self.incident, "dispatched", "已派人")
        incidents.report_incident(self.office, ZHOU, config, "屏幕倾斜")
        order = TakeoverRequest(("*",), "气象台通知", duration=timedelta(minutes=30), text="台风红色预警 请勿外出")
        self.past_takeover = takeovers.start_takeover(self.office, ZHOU, order).id
        self.clock.move(60)
        takeovers.stop_takeover(self.office, ZHOU, self.past_takeover)
        self.takeover = takeovers.start_takeover(self.office, ZHOU, order).id

    def _add_consents(self) -> None:
        owner = ConsentTerms("station", "bureau", ("*",), hours="06:00-22:00", max_share=2)
        consents.give_consent(self.office, SYSTEM_ACTOR, owner)
        self.consent = consents.ask_consent(self.office, SYSTEM_ACTOR, owner).id

    def close(self) -> None:
        """End what runs beside."""
        self.installation.close()


def list_page_paths(there: PopulatedInstallation) -> list[str]:
    """All pages of the console's table, their blanks filled with what is in the office."""
    blanks = {
        "person_id": "li", "screen_id": STREET, "takeover_id": there.takeover, "sha256": there.clip,
        "campaign_id": "running", "int:number": "1", "consent_id": there.consent,
    }  # fmt: skip
    pages = [page for subject in PAGES for page in subject.pages if page.method == "GET"]
    paths = [page.path.removeprefix("/console/") for page in pages if page.endpoint not in SKIPPED_ENDPOINTS]
    found = [re.sub(r"<([\w:]+)>", lambda blank: blanks[blank[1]], path) for path in paths]
    more = [f"{path}/{name}" for path in ("campaigns", "approvals") for name in ("review", "returned", "draft")]
    return [
        *found,
        *more,
        "campaigns/draft/edit",
        f"takeover/{there.past_takeover}",
        "incidents/2",
        "screens/taxi-0001",
    ]
