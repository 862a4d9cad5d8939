"""The configuration: ``config.toml`` read once, and given to each room as its own value.

``SETTINGS`` is the one table of what can be set: the reader works by it, and ``config.toml`` and the page on settings
are held to it by a test. Defaults stand in the rooms' own ``…Config`` values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from signage.evidence.settings import EvidenceConfig
from signage.faults import Fault, FaultLocation, Refused
from signage.library.settings import LibraryConfig
from signage.model.daypart import OfficialDayRule, parse_day_rule
from signage.model.local_time import to_instant
from signage.model.panel import PRESET_PANELS, Panel
from signage.model.toml import field_types as kinds
from signage.model.toml.field_types import (
    FieldError,
    FieldType,
    boolean_field,
    choice_field,
    choice_list_field,
    date_time_field,
    id_field,
    integer_field,
    number_field,
    text_field,
)
from signage.model.toml.field_types import format_toml_value as shown_value
from signage.model.toml.findings import locate_findings, make_error
from signage.model.toml.recovering_parser import parse_toml
from signage.model.toml.schema import KeySchema, TableReader
from signage.model.toml.text_decoder import decode_text
from signage.model.toml.timezone_field import timezone_field
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import KeyPeriod
from signage.schedule.snapshot import ScheduleSettings as ScheduleSettings
from signage.services.settings import (
    ApprovalConfig,
    FolderConfig,
    IncidentConfig,
    NoticeConfig,
    SessionConfig,
    TakeoverConfig,
)
from signage.store.settings import StorageConfig
from signage.web.settings import SettingView, WebConfig


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """``[server]``: where it listens, its zone and its language."""

    host: str = "127.0.0.1"
    port: int = 8315
    workers: int = 1
    timezone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"


@dataclass(frozen=True, slots=True)
class ScheduleConfig:
    """``[schedule]``: how far ahead documents go, how long a loop may be, how often screens ask."""

    days: int = 7
    max_loop_s: int = 3600
    poll_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of a table of ``config.toml``: what it may hold, and what it is for."""

    table: str
    key: str
    kind: FieldType
    help: str
    required: bool = False


def parse_roster_row(value: Any) -> str:
    """A row of the roster: days (as in a daypart), an equals sign, an address."""
    row = text_field(300)(value)
    word, sign, who = row.partition("=")
    try:
        official = isinstance(parse_day_rule(word.strip()), OfficialDayRule)
    except ValueError:
        official = True
    if official or not sign or "@" not in who:
        raise FieldError("roster-unreadable", value=shown_value(value))
    return str(row)


def parse_webhook(value: Any) -> str:
    """The address of a webhook with its kind before it, and a secret after it where there is one."""
    row = text_field(1000)(value)
    kind, _, rest = row.partition(" ")
    if kind not in ("wecom", "dingtalk", "generic") or not rest.strip().startswith(("https://", "http://")):
        raise FieldError("webhook-unreadable", value=shown_value(value))
    return str(row)


def parse_hour(value: Any) -> str:
    """A time of day as ``23:00``, or nothing."""
    if value in ("", None):
        return ""
    return str(kinds.time_field(value).strftime("%H:%M") if not isinstance(value, str) else _validate_hour(value))


def _validate_hour(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise FieldError("hour-unreadable", value=shown_value(value))
    return value


CONFIG_TABLES: Mapping[str, tuple[type, ...]] = {
    "server": (ServerConfig, WebConfig),
    "storage": (StorageConfig,),
    "folder": (FolderConfig,),
    "schedule": (ScheduleConfig,),
    "takeover": (TakeoverConfig,),
    "approval": (ApprovalConfig,),
    "session": (SessionConfig,),
    "incident": (IncidentConfig,),
    "notice": (NoticeConfig,),
    "library": (LibraryConfig,),
    "evidence": (EvidenceConfig,),
}
"""The tables, and the values that each of them becomes."""

TABLE_ARRAYS: Mapping[str, str] = {
    "key_period": "A key period (重要保障期): one more approval is asked for, and screens poll more often.",
    "holiday": "A day of the official calendar, added or put right: announcements come before the library's release.",
    "panel": "A kind of screen: a new one, or one that is known already with other facts.",
}
"""The arrays of tables, and what one entry is."""

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "server", "host", text_field(255), "Address to listen on; 0.0.0.0 for all, 127.0.0.1 for this machine alone."
    ),
    Setting("server", "port", integer_field(0, 65535), "Port to listen on; 0 takes any that is free."),
    Setting("server", "workers", integer_field(1, 64), "Processes that answer; one carries a city."),
    Setting("server", "timezone", timezone_field, "Zone of screens that have none of their own, and of the console."),
    Setting(
        "server", "language", choice_field("zh", "en"), "Language of pages and messages until a person chooses: zh, en."
    ),
    Setting(
        "server",
        "public_url",
        text_field(500, allow_blank=True),
        "How screens reach the server from outside (https://…), if other.",
    ),
    Setting(
        "server", "body_timeout_s", number_field(1, 3600), "A request body that takes longer than this is given up."
    ),
    Setting(
        "server",
        "uploads_at_once",
        integer_field(1, 4096),
        "Uploads taken in at the same time; more are asked to wait.",
    ),
    Setting(
        "server", "uploads_each", integer_field(1, 4096), "Uploads that one sender may have under way at the same time."
    ),
    Setting(
        "server", "media_at_once", integer_field(1, 4096), "Media served at the same time, so that polls find a thread."
    ),
    Setting(
        "server", "contacts_every_s", number_field(0.1, 3600), "How often the last contact of screens is written down."
    ),
    Setting(
        "server", "screenshot_max_bytes", integer_field(1024, 1 << 28), "Largest screenshot that a screen may send."
    ),
    Setting(
        "server",
        "enrolments_waiting",
        integer_field(1, 1_000_000),
        "New screens that may wait for a person at one time.",
    ),
    Setting(
        "server",
        "enrolments_per_minute",
        integer_field(1, 10_000),
        "Enrolments that one address may ask for in a minute.",
    ),
    Setting(
        "server", "enrolment_minutes", integer_field(1, 1440), "How long the code that a new screen shows is good."
    ),
    Setting(
        "server", "enrolment_poll_seconds", integer_field(1, 3600), "How often a new screen asks whether it was let in."
    ),
    Setting("storage", "state", text_field(1000), "Folder of all that is written at run time, relative to this file."),
    Setting(
        "storage",
        "database",
        text_field(1000, allow_blank=True),
        "Database URL; empty: the file signage.db in the state folder. "
        "PostgreSQL: postgresql+pg8000://USER:PASSWORD@HOST/NAME",
    ),
    Setting("folder", "path", text_field(1000), "Folder of campaign files, relative to this file."),
    Setting(
        "folder", "settle_ms", integer_field(0, 60_000), "How long a changed file must lie still before it is read."
    ),
    Setting(
        "schedule", "days", integer_field(1, 31), "Days that a screen's playlist covers, the day of issue among them."
    ),
    Setting(
        "schedule",
        "max_loop_s",
        integer_field(60, 86_400),
        "Longest loop, unless an item or a limit needs a longer one.",
    ),
    Setting("schedule", "poll_seconds", integer_field(1, 86_400), "How often screens ask for their playlist."),
    Setting(
        "takeover", "max_h", number_field(0.01, 8784), "Longest time, in hours, that a takeover may be ordered for."
    ),
    Setting("takeover", "poll_seconds", integer_field(1, 86_400), "How often the screens of a running takeover ask."),
    Setting("approval", "required", integer_field(1, 10), "People who must approve; in a key period one more."),
    Setting(
        "approval",
        "files",
        choice_field("trusted", "review"),
        "trusted: who may write the folder of campaign files has approved them; review: people must.",
    ),
    Setting(
        "session",
        "idle_minutes",
        integer_field(1, 1440),
        "A log-in to the console ends when it is not used for so long.",
    ),
    Setting(
        "session", "hours", number_field(0.1, 720), "A log-in to the console ends after so many hours in any case."
    ),
    Setting("incident", "dispatch_minutes", integer_field(1, 100_000), "By when a new incident has to be dispatched."),
    Setting("incident", "handle_minutes", integer_field(1, 100_000), "By when it has to be handled after that."),
    Setting("incident", "answer_minutes", integer_field(1, 100_000), "By when it has to be answered after that."),
    Setting(
        "incident",
        "silent_minutes",
        integer_field(2, 100_000),
        "A screen that has been silent for so long is an incident.",
    ),
    Setting(
        "incident",
        "mobile_kinds",
        kinds.list_field(id_field),
        "Kinds of screens that lose their power when their vehicle stops.",
    ),
    Setting(
        "incident",
        "mobile_silent_hours",
        number_field(0.1, 8784),
        "Screens of such a kind are incidents after so long.",
    ),
    Setting(
        "notice",
        "smtp",
        text_field(300, allow_blank=True),
        "Mail server for notices of incidents, host:port; empty: none.",
    ),
    Setting("notice", "smtp_security", choice_field("none", "starttls", "tls"), "none, starttls or tls."),
    Setting(
        "notice", "smtp_user", text_field(300, allow_blank=True), "User of the mail server, where it asks for one."
    ),
    Setting("notice", "smtp_password", text_field(300, allow_blank=True), "Its password."),
    Setting("notice", "mail_from", text_field(300, allow_blank=True), "Whom notices come from."),
    Setting("notice", "mail_to", kinds.list_field(text_field(300)), "Addresses that get every notice."),
    Setting(
        "notice",
        "roster",
        kinds.list_field(parse_roster_row),
        "Who is on duty: mon-fri=li@example.org, 2021-03-15=wu@…",
    ),
    Setting(
        "notice",
        "webhooks",
        kinds.list_field(parse_webhook),
        "Addresses with their kind (wecom, dingtalk, generic) before them.",
    ),
    Setting(
        "notice", "every_minutes", integer_field(0, 1440), "Notices are grouped: one in so many minutes at the most."
    ),
    Setting(
        "notice", "quiet_from", parse_hour, "From this time on only urgent notices are sent (23:00); empty: never."
    ),
    Setting("notice", "quiet_until", parse_hour, "Until this time (07:00)."),
    Setting("notice", "urgent", kinds.list_field(text_field(40)), "Kinds of incidents that are told at any hour."),
    Setting("notice", "language", choice_field("zh", "en"), "Language of notices: zh, en."),
    Setting("library", "max_mb", integer_field(1, 1 << 20), "Largest clip, in MB."),
    Setting(
        "library",
        "quota_mb",
        integer_field(0, 1 << 30),
        "Clips and unfinished uploads of one unit, in MB; 0: no limit.",
    ),
    Setting(
        "library",
        "reserve_mb",
        integer_field(0, 1 << 20),
        "Room that clips leave on the disk for plays and log, in MB.",
    ),
    Setting("library", "upload_days", number_field(0.01, 365), "How long an unfinished upload is kept."),
    Setting("library", "max_megapixels", integer_field(1, 1000), "Largest picture or film frame."),
    Setting("library", "max_film_s", integer_field(1, 86_400), "Longest film."),
    Setting(
        "library", "memory_mb", integer_field(128, 65_536), "Memory that looking at a clip or converting it may take."
    ),
    Setting("library", "probe_s", integer_field(1, 3600), "Time that looking at a new clip may take."),
    Setting(
        "library",
        "convert_s",
        integer_field(1, 604_800),
        "Processor time that converting a clip for one panel may take.",
    ),
    Setting("library", "loudness_lufs", number_field(-70, 0), "Loudness that all films are brought to (EBU R 128)."),
    Setting(
        "evidence",
        "keep_days",
        integer_field(1, 36_600),
        "Days that sealed days of plays are kept; fewer than 183 count as 183.",
    ),
    Setting(
        "evidence",
        "seal_after_days",
        integer_field(1, 60),
        "Days that a day waits to be sealed, for screens that were away.",
    ),
    Setting(
        "evidence",
        "checkpoints",
        text_field(1000, allow_blank=True),
        "Folder outside into which each signed checkpoint of the audit log is written; empty: none.",
    ),
    Setting(
        "evidence", "remind_h", number_field(0, 8784), "Hours before a report is due at which its owners are reminded."
    ),
    Setting("evidence", "draft_h", number_field(0, 8784), "Hours before a report is due at which its draft is made."),
    Setting(
        "evidence", "smtp", text_field(300, allow_blank=True), "Mail server for reports, host:port; empty: no mail."
    ),
    Setting("evidence", "mail_from", text_field(300, allow_blank=True), "Whom reports and reminders come from."),
    Setting("evidence", "mail_to", text_field(2000, allow_blank=True), "Whom they go to, separated by commas."),
    Setting("key_period", "from", date_time_field, "Its beginning, in the server's zone or with an offset.", True),
    Setting("key_period", "until", date_time_field, "Its end, no longer in it.", True),
    Setting(
        "key_period",
        "poll_seconds",
        integer_field(1, 86_400),
        "How often screens ask for their playlist while it lasts.",
    ),
    Setting("holiday", "date", kinds.date_field, "The day.", True),
    Setting("holiday", "workday", boolean_field, "true: people work on it; false: they do not.", True),
    Setting("panel", "id", id_field, "Its id.", True),
    Setting("panel", "width", integer_field(1, 16_384), "Pixels across.", True),
    Setting("panel", "height", integer_field(1, 16_384), "Pixels down.", True),
    Setting("panel", "color", choice_field("mono", "two-color", "rgb"), "mono, two-color (red, green, both) or rgb."),
    Setting("panel", "pitch_mm", number_field(0.05, 100), "Millimetres from pixel to pixel."),
    Setting("panel", "fps", integer_field(1, 240), "Frames a second."),
    Setting("panel", "plays", choice_list_field(("still", "animation", "film")), "What its players can show."),
    Setting("panel", "codecs", kinds.list_field(text_field(20), min_length=1), "Film codecs that its players decode."),
    Setting("panel", "max_kbps", integer_field(1, 1_000_000), "Highest bit rate of a film, in kbit/s."),
    Setting("panel", "safe_px", integer_field(0, 4096), "Margin that is kept free of text, in pixels."),
    Setting(
        "panel", "viewing_distance_m", number_field(0.1, 10_000), "How far away those stand who read it, in metres."
    ),
    Setting("panel", "passing_kmh", number_field(0, 500), "How fast those pass who read it, in km/h."),
    Setting("panel", "led_color", kinds.color_field, "Colour of a mono panel's dots."),
)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set. *root* is the folder of the file, to which all paths are relative."""

    path: Path
    server: ServerConfig
    web: WebConfig
    storage: StorageConfig
    folder: FolderConfig
    schedule: ScheduleConfig
    takeover: TakeoverConfig
    approval: ApprovalConfig
    evidence: EvidenceConfig
    session: SessionConfig
    incident: IncidentConfig
    notice: NoticeConfig
    library: LibraryConfig
    key_periods: tuple[KeyPeriod, ...]
    calendars: OfficialCalendars
    panels: Mapping[str, Panel]

    @property
    def root(self) -> Path:
        """The folder of the configuration file."""
        return self.path.parent

    @property
    def state(self) -> Path:
        """The folder of all that is written at run time."""
        return self.root / self.storage.state

    @property
    def campaign_folder(self) -> Path:
        """The folder of campaign files."""
        return self.root / self.folder.path

    @property
    def timezone(self) -> str:
        return self.server.timezone

    @property
    def schedule_settings(self) -> ScheduleSettings:
        """What the schedule goes by."""
        return ScheduleSettings(
            self.schedule.max_loop_s * 1000,
            self.schedule.days,
            self.schedule.poll_seconds,
            self.takeover.poll_seconds,
            self.key_periods,
        )


def load_config(path: Path) -> Config:
    """Read the configuration. Raises Refused with every fault of it, or because there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise Refused([Fault("error", "config-missing", FaultLocation(str(path)))]) from None
    except OSError as e:
        raise Refused(
            [Fault("error", "file-unreadable", FaultLocation(str(path)), {"why": e.strerror or str(e)})]
        ) from None
    return parse_config(path, data)


def parse_config(path: Path, data: str | bytes) -> Config:
    """The configuration that *data* is, as if it stood at *path*. Raises Refused with every fault."""
    content = decode_text(data)
    if not isinstance(content, str):
        raise Refused(locate_findings([content], str(path), ""))
    reading = TableReader(parse_toml(content))
    config = _build_config(path.absolute(), reading)
    if reading.parsed.findings or reading.findings:
        raise Refused(locate_findings([*reading.parsed.findings, *reading.findings], str(path), reading.parsed.text))
    return config


def get_table_keys(table: str) -> dict[str, KeySchema]:
    """The keys that a table may have."""
    return {s.key: KeySchema(s.kind, s.required) for s in SETTINGS if s.table == table}


def get_default(setting: Setting) -> Any:
    """What holds where nothing is set; None for a key of a list."""
    for owner in CONFIG_TABLES.get(setting.table, ()):
        for one in fields(owner):
            if one.name == setting.key:
                return one.default
    return None


_SECRET_KEYS = ("smtp_password", "webhooks", "database")
"""Keys whose values may hold what lets somebody in."""


def list_settings(config: Config) -> tuple[SettingView, ...]:
    """Every setting of a table with its value, for people to look at."""
    owners = {
        ServerConfig: config.server,
        WebConfig: config.web,
        StorageConfig: config.storage,
        FolderConfig: config.folder,
        ScheduleConfig: config.schedule,
        TakeoverConfig: config.takeover,
        ApprovalConfig: config.approval,
        SessionConfig: config.session,
        IncidentConfig: config.incident,
        NoticeConfig: config.notice,
        LibraryConfig: config.library,
        EvidenceConfig: config.evidence,
    }
    values = {
        (table, one.name): getattr(owners[owner], one.name)
        for table, kinds_ in CONFIG_TABLES.items()
        for owner in kinds_
        for one in fields(owner)
    }
    return tuple(
        SettingView(
            s.table, s.key, _format_value(values[s.table, s.key], s.key), _format_value(get_default(s), s.key), s.help
        )
        for s in SETTINGS
        if (s.table, s.key) in values
    )


def _format_value(value: object, key: str) -> str:
    if key in _SECRET_KEYS:
        return "…" if value else "—"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "—"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _build_config(path: Path, reading: TableReader) -> Config:
    tables = reading.parsed.tables
    known = {name: KeySchema(lambda value: value) for name in (*CONFIG_TABLES, *TABLE_ARRAYS)}
    reading.read_table((), tables, known)
    read = {name: reading.read_table((name,), tables.get(name, {}), get_table_keys(name)) for name in CONFIG_TABLES}
    made = {owner: _build_table(owner, read[name]) for name, owners in CONFIG_TABLES.items() for owner in owners}
    rows = {name: reading.read_tables(name, tables.get(name, []), get_table_keys(name)) for name in TABLE_ARRAYS}
    server: ServerConfig = made[ServerConfig]
    return Config(
        path=path,
        server=server,
        web=made[WebConfig],
        storage=made[StorageConfig],
        folder=made[FolderConfig],
        schedule=made[ScheduleConfig],
        takeover=made[TakeoverConfig],
        approval=made[ApprovalConfig],
        evidence=made[EvidenceConfig],
        session=made[SessionConfig],
        incident=made[IncidentConfig],
        notice=made[NoticeConfig],
        library=made[LibraryConfig],
        key_periods=_build_key_periods(reading, rows["key_period"], ZoneInfo(server.timezone)),
        calendars=OfficialCalendars(_build_holidays(reading, rows["holiday"])),
        panels=_build_panels(reading, rows["panel"]),
    )


def _build_table(owner: type, values: Mapping[str, Any]) -> Any:
    names = {one.name for one in fields(owner)}
    return owner(**{name: value for name, value in values.items() if name in names})


def _build_key_periods(reading: TableReader, rows: list[dict[str, Any]], zone: ZoneInfo) -> tuple[KeyPeriod, ...]:
    periods = []
    for n, row in enumerate(rows):
        if "from" not in row or "until" not in row:
            continue
        begin, end = to_instant(row["from"], zone), to_instant(row["until"], zone)
        if end <= begin:
            reading.findings.append(make_error("until-not-after-from", ("key_period", n, "until")))
        periods.append(KeyPeriod(begin, end, row.get("poll_seconds", 10)))
    return tuple(periods)


def _build_holidays(reading: TableReader, rows: list[dict[str, Any]]) -> tuple[tuple[Any, bool], ...]:
    days: dict[Any, bool] = {}
    for n, row in enumerate(rows):
        if row.get("date") in days:
            reading.findings.append(make_error("holiday-twice", ("holiday", n, "date"), value=str(row["date"])))
        if "date" in row and "workday" in row:
            days[row["date"]] = row["workday"]
    return tuple(sorted(days.items()))


def _build_panels(reading: TableReader, rows: list[dict[str, Any]]) -> Mapping[str, Panel]:
    panels = {panel.id: panel for panel in PRESET_PANELS}
    seen: set[str] = set()
    for n, row in enumerate(rows):
        if row.get("id") in seen:
            reading.findings.append(make_error("panel-twice", ("panel", n, "id"), name=row["id"]))
        if {"id", "width", "height"} <= row.keys():
            seen.add(row["id"])
            facts = {**row, "plays": frozenset(row["plays"])} if "plays" in row else row
            panels[row["id"]] = Panel(**facts)
    return panels
