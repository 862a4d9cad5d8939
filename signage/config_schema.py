"""Schema of ``config.toml``: each table, its keys, their types and their help.

``SETTINGS`` is the only list of settings: the reader follows it, and a test compares ``config.toml`` and
``docs/settings.md`` with it. Defaults are those of the ``…Config`` classes of the packages.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from typing import Any, Literal

from signage.evidence.settings import EvidenceConfig, PlaysConfig
from signage.library.settings import LibraryConfig
from signage.model.daypart import OfficialDayRule, parse_day_rule
from signage.model.toml.field_types import (
    FieldError,
    FieldType,
    boolean_field,
    choice_field,
    choice_list_field,
    color_field,
    date_field,
    date_time_field,
    format_toml_value,
    id_field,
    integer_field,
    list_field,
    number_field,
    text_field,
    time_field,
)
from signage.model.toml.schema import KeySchema
from signage.model.toml.timezone_field import timezone_field
from signage.services import settings as services
from signage.store.settings import StorageConfig
from signage.web.settings import WebConfig


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """``[server]``: address, workers, time zone and language."""

    host: str = "127.0.0.1"
    port: int = 8315
    workers: int = 1
    timezone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"


@dataclass(frozen=True, slots=True)
class ScheduleConfig:
    """``[schedule]``: days of a playlist, maximum loop length, poll interval."""

    days: int = 7
    max_loop_s: int = 3600
    poll_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of a table of ``config.toml``: its type and its help."""

    table: str
    key: str
    kind: FieldType
    help: str
    required: bool = False


def parse_roster_row(value: Any) -> str:
    """Validate a row of the roster: days (as in a daypart), an equals sign, a mail address."""
    row = text_field(300)(value)
    days, sign, address = row.partition("=")
    try:
        official = isinstance(parse_day_rule(days.strip()), OfficialDayRule)
    except ValueError:
        official = True
    if official or not sign or "@" not in address:
        raise FieldError("roster-unreadable", value=format_toml_value(value))
    return str(row)


def parse_network(value: Any) -> str:
    """Validate an address or a network (10.0.0.0/8)."""
    try:
        return str(ip_network(text_field(60)(value), strict=False))
    except ValueError:
        raise FieldError("network-unreadable", value=format_toml_value(value)) from None


def parse_webhook(value: Any) -> str:
    """Validate a webhook: its kind, its URL and optionally a secret."""
    row = text_field(1000)(value)
    kind, _, url = row.partition(" ")
    if kind not in ("wecom", "dingtalk", "generic") or not url.strip().startswith(("https://", "http://")):
        raise FieldError("webhook-unreadable", value=format_toml_value(value))
    return str(row)


def parse_hour(value: Any) -> str:
    """Parse a time of day such as ``23:00``; empty for none."""
    if value in ("", None):
        return ""
    if not isinstance(value, str):
        return f"{time_field(value):%H:%M}"
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise FieldError("hour-unreadable", value=format_toml_value(value))
    return value


CONFIG_TABLES: Mapping[str, tuple[type, ...]] = {
    "server": (ServerConfig, WebConfig),
    "storage": (StorageConfig,),
    "folder": (services.FolderConfig,),
    "schedule": (ScheduleConfig,),
    "takeover": (services.TakeoverConfig,),
    "approval": (services.ApprovalConfig,),
    "consent": (services.ConsentConfig,),
    "session": (services.SessionConfig,),
    "incident": (services.IncidentConfig,),
    "mail": (services.MailConfig,),
    "notice": (services.NoticeConfig,),
    "library": (LibraryConfig,),
    "plays": (PlaysConfig,),
    "evidence": (EvidenceConfig,),
}
"""The tables and the classes that each of them fills."""

TABLE_ARRAYS: Mapping[str, str] = {
    "key_period": "A key period (重要保障期): one more approval is required, and screens poll more often.",
    "holiday": "A correction of the official calendar, for announcements newer than the installed data.",
    "panel": "A panel type: a new one, or a change to a built-in one (same id).",
}
"""The arrays of tables and the meaning of one entry."""

KEYED_TABLES: Mapping[str, str] = {
    "kind": "A kind of screens, by its id: a new one, or a change to a usual one.",
}
"""The tables of tables, keyed by id, and the meaning of one entry."""


def _list_settings(table: str, rows: Mapping[str, tuple[Any, ...]]) -> Iterator[Setting]:
    """Yield the settings of *table* from type, help and, where the key is required, True."""
    for key, (kind, text, *required) in rows.items():
        yield Setting(table, key, kind, text, *required)


SETTINGS: tuple[Setting, ...] = (
    *_list_settings("server", {
        "host": (text_field(255), "Address to listen on: 0.0.0.0 for all interfaces, 127.0.0.1 for this machine only."),
        "port": (integer_field(0, 65535), "Port to listen on; 0 chooses any free port."),
        "workers": (integer_field(1, 64), "Worker processes that answer requests; one is enough for a city."),
        "timezone": (timezone_field, "Time zone of the console, and of screens without a time zone of their own."),
        "language": (choice_field("zh", "en"), "Default language of pages and messages: zh or en."),
        "public_url": (
            text_field(500, allow_blank=True),
            "URL of the server for screens outside (https://…), if another.",
        ),
        "body_timeout_s": (number_field(1, 3600), "Maximum time for the body of a request, in seconds."),
        "body_min_bytes_per_s": (
            integer_field(1, 1 << 20),
            "Minimum average rate of a request's body in bytes/s; a slower connection is closed.",
        ),
        "uploads_at_once": (
            integer_field(1, 4096),
            "Maximum number of uploads at the same time; further uploads must wait.",
        ),
        "uploads_each": (integer_field(1, 4096), "Maximum number of unfinished uploads of one user."),
        "media_at_once": (
            integer_field(1, 4096),
            "Maximum number of simultaneous media downloads; polls keep their threads.",
        ),
        "connections_at_once": (
            integer_field(64, 1_000_000),
            "Maximum number of simultaneous connections of a worker process.",
        ),
        "connections_each": (
            integer_field(8, 1_000_000),
            "Maximum number of connections from one address; trusted proxies are excepted.",
        ),
        "silent_s": (number_field(1, 3600), "Maximum wait for the first byte on a new connection, in seconds."),
        "trusted_proxies": (
            list_field(parse_network),
            "Proxies (addresses or networks) whose X-Forwarded-For and X-Forwarded-Proto count.",
        ),
        "contacts_every_s": (number_field(0.1, 3600), "Interval at which contacts of screens are saved, in seconds."),
        "screenshot_max_bytes": (integer_field(1024, 1 << 28), "Maximum size of a screenshot from a screen, in bytes."),
        "enrolments_waiting": (integer_field(1, 1_000_000), "Maximum number of new screens that wait to be paired."),
        "enrolments_per_minute": (
            integer_field(1, 10_000),
            "Maximum number of enrolments per minute from one address.",
        ),
        "enrolment_minutes": (
            integer_field(1, 1440),
            "How long the pairing code of a new screen is valid, in minutes.",
        ),
        "enrolment_poll_seconds": (
            integer_field(1, 3600),
            "How often a new screen asks whether it has been paired, in seconds.",
        ),
    }),
    *_list_settings("storage", {
        "state": (text_field(1000), "Folder of everything that is written at run time, relative to this file."),
        "database": (
            text_field(1000, allow_blank=True),
            "Database URL; empty: the file signage.db in the state folder. "
            "PostgreSQL: postgresql+pg8000://USER:PASSWORD@HOST/NAME",
        ),
    }),
    *_list_settings("folder", {
        "path": (text_field(1000), "Folder of campaign files, relative to this file."),
        "settle_ms": (
            integer_field(0, 60_000),
            "How long a changed file must be unchanged before it is read, in milliseconds.",
        ),
    }),
    *_list_settings("schedule", {
        "days": (integer_field(1, 31), "Days that a playlist covers, including the day of issue."),
        "max_loop_s": (
            integer_field(60, 86_400),
            "Maximum length of a loop in seconds, unless an item or a limit needs a longer one.",
        ),
        "poll_seconds": (integer_field(1, 86_400), "How often screens poll for their playlist, in seconds."),
    }),
    *_list_settings("takeover", {
        "max_h": (number_field(0.01, 8784), "Maximum duration of a takeover, in hours."),
        "poll_seconds": (integer_field(1, 86_400), "How often screens poll during a takeover, in seconds."),
    }),
    *_list_settings("approval", {
        "required": (integer_field(1, 10), "Number of approvers that a version needs; one more in a key period."),
        "files": (
            choice_field("trusted", "review"),
            "trusted: campaign files count as approved; review: they need approval.",
        ),
    }),
    *_list_settings("consent", {
        "enforce": (
            boolean_field,
            "true: another unit's screens need its consent. Older installations: false until this is written.",
        ),
    }),
    *_list_settings("session", {
        "idle_minutes": (integer_field(1, 1440), "A console session ends after so many minutes without a request."),
        "hours": (number_field(0.1, 720), "A console session ends after so many hours in any case."),
    }),
    *_list_settings("incident", {
        "dispatch_minutes": (integer_field(1, 100_000), "Minutes within which a new incident must be dispatched."),
        "handle_minutes": (integer_field(1, 100_000), "Minutes within which a dispatched incident must be handled."),
        "answer_minutes": (integer_field(1, 100_000), "Minutes within which a handled incident must be answered."),
        "silent_minutes": (integer_field(2, 100_000), "Minutes without contact that make a screen an incident."),
        "mobile_kinds": (list_field(id_field), "Kinds of screens that lose power when their vehicle is parked."),
        "mobile_silent_hours": (number_field(0.1, 8784), "The same for screens of these kinds, in hours."),
    }),
    *_list_settings("mail", {
        "host": (text_field(255, allow_blank=True), "SMTP server of notices and reports; empty: no mail."),
        "port": (integer_field(0, 65535), "Port of the SMTP server; 0: 25, with starttls 587, with tls 465."),
        "tls": (choice_field("none", "starttls", "tls"), "Transport security: none, starttls or tls (from the start)."),
        "user": (text_field(300, allow_blank=True), "User name, if the server requires a login."),
        "password": (text_field(300, allow_blank=True), "Password of that user."),
        "password_file": (
            text_field(1000, allow_blank=True),
            "File that contains the password instead, relative to this file.",
        ),
        "from": (text_field(300, allow_blank=True), "Sender address; its domain is that of every Message-ID."),
    }),
    *_list_settings("notice", {
        "smtp": (text_field(300, allow_blank=True), "Older form of [mail] for notices: host:port, if it has no host."),
        "smtp_security": (choice_field("none", "starttls", "tls"), "Older form of [mail] tls, with smtp."),
        "smtp_user": (text_field(300, allow_blank=True), "Older form of [mail] user, with smtp."),
        "smtp_password": (text_field(300, allow_blank=True), "Older form of [mail] password, with smtp."),
        "mail_from": (text_field(300, allow_blank=True), "Sender address of notices, if [mail] has no from."),
        "mail_to": (list_field(text_field(300)), "Addresses that receive every notice."),
        "roster": (list_field(parse_roster_row), "Addresses on duty by day: mon-fri=li@example.org, 2021-03-15=wu@…"),
        "webhooks": (list_field(parse_webhook), "Webhook URLs, each after its kind (wecom, dingtalk or generic)."),
        "every_minutes": (integer_field(0, 1440), "Notices are grouped: at most one message in so many minutes."),
        "quiet_from": (
            parse_hour,
            "Start of the quiet hours (23:00), in which only urgent notices are sent; empty: none.",
        ),
        "quiet_until": (parse_hour, "End of the quiet hours (07:00)."),
        "urgent": (list_field(text_field(40)), "Kinds of incidents that are sent at any hour."),
        "language": (choice_field("zh", "en"), "Language of notices: zh or en."),
    }),
    *_list_settings("library", {
        "max_mb": (integer_field(1, 1 << 20), "Maximum size of a clip, in MB."),
        "quota_mb": (integer_field(0, 1 << 30), "Maximum size of one unit's clips and uploads, in MB; 0: no limit."),
        "reserve_mb": (integer_field(0, 1 << 20), "Free disk space reserved for plays and the audit log, in MB."),
        "upload_days": (number_field(0.01, 365), "Days until an unfinished upload is deleted."),
        "max_megapixels": (integer_field(1, 1000), "Maximum size of a picture or film frame, in megapixels."),
        "max_film_s": (integer_field(1, 86_400), "Maximum length of a film, in seconds."),
        "memory_mb": (integer_field(128, 65_536), "Maximum memory for probing or converting a clip, in MB."),
        "probe_s": (integer_field(1, 3600), "Maximum time for probing a new clip, in seconds."),
        "convert_s": (
            integer_field(1, 604_800),
            "Maximum processor time for converting a clip for one panel, in seconds.",
        ),
        "loudness_lufs": (number_field(-70, 0), "Loudness to which all films are normalized (EBU R 128), in LUFS."),
    }),
    *_list_settings("plays", {
        "mb_per_day": (
            integer_field(1, 1 << 20),
            "Maximum amount of plays that one screen may have stored in a day (UTC), in MB.",
        ),
        "reserve_mb": (integer_field(0, 1 << 20), "Free disk space below which no plays are taken in, in MB."),
    }),
    *_list_settings("evidence", {
        "keep_days": (integer_field(1, 36_600), "Days for which sealed plays are retained; the minimum is 183."),
        "seal_after_days": (
            integer_field(1, 60),
            "Days until the plays of a day are sealed; offline screens can report until then.",
        ),
        "checkpoints": (
            text_field(1000, allow_blank=True),
            "External folder for each signed checkpoint of the audit log; empty: none.",
        ),
        "remind_h": (number_field(0, 8784), "Hours before a report is due at which its owners are reminded."),
        "draft_h": (number_field(0, 8784), "Hours before a report is due at which a draft is created."),
        "smtp": (text_field(300, allow_blank=True), "Older form of [mail] for reports: host:port, if it has no host."),
        "mail_from": (text_field(300, allow_blank=True), "Sender address of reports, if [mail] has no from."),
        "mail_to": (text_field(2000, allow_blank=True), "Recipients of reports and reminders, separated by commas."),
    }),
    *_list_settings("key_period", {
        "from": (date_time_field, "Start of the period, in the server's time zone or with an offset.", True),
        "until": (date_time_field, "End of the period, not included.", True),
        "poll_seconds": (integer_field(1, 86_400), "How often screens poll during the period, in seconds."),
    }),
    *_list_settings("holiday", {
        "date": (date_field, "The date.", True),
        "workday": (boolean_field, "true: a working day; false: a day off.", True),
    }),
    *_list_settings("panel", {
        "id": (id_field, "Id of the panel.", True),
        "width": (integer_field(1, 16_384), "Width in pixels.", True),
        "height": (integer_field(1, 16_384), "Height in pixels.", True),
        "color": (choice_field("mono", "two-color", "rgb"), "mono, two-color (red, green and both) or rgb."),
        "pitch_mm": (number_field(0.05, 100), "Distance between two pixels, in millimetres."),
        "fps": (integer_field(1, 240), "Frames per second."),
        "plays": (choice_list_field(("still", "animation", "film")), "Kinds of content that its players can show."),
        "codecs": (list_field(text_field(20), min_length=1), "Codecs that its players decode."),
        "max_kbps": (integer_field(1, 1_000_000), "Maximum bit rate of a film, in kbit/s."),
        "safe_px": (integer_field(0, 4096), "Margin without text, in pixels."),
        "viewing_distance_m": (number_field(0.1, 10_000), "Viewing distance of readers, in metres."),
        "passing_kmh": (number_field(0, 500), "Speed at which readers pass, in km/h."),
        "led_color": (color_field, "LED colour of a mono panel."),
        "label": (text_field(60, allow_blank=True), "Name of the panel for people, in any script."),
    }),
    *_list_settings("kind", {
        "label": (text_field(60), "Name of the kind for people, in any script (出租车顶屏).", True),
    }),
)  # fmt: skip


def get_table_keys(table: str) -> dict[str, KeySchema]:
    """Return the keys of a table with their types."""
    return {s.key: KeySchema(s.kind, s.required) for s in SETTINGS if s.table == table}


def get_default(setting: Setting) -> Any:
    """Return the default of *setting*; None for a key of an array of tables."""
    config_fields = (field for owner in CONFIG_TABLES.get(setting.table, ()) for field in fields(owner))
    return next((field.default for field in config_fields if get_key(field.name) == setting.key), None)


def get_key(field_name: str) -> str:
    """Return the key of a field of a ``…Config`` class: ``from_`` is ``from``."""
    return field_name.rstrip("_")
