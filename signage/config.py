"""Load ``config.toml`` once and give each package its own settings."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from signage.config_schema import (
    CONFIG_TABLES,
    KEYED_TABLES,
    SETTINGS,
    TABLE_ARRAYS,
    ScheduleConfig,
    ServerConfig,
    get_default,
    get_key,
    get_table_keys,
)
from signage.evidence.settings import EvidenceConfig, PlaysConfig
from signage.faults import Fault, FaultLocation, Refused
from signage.library.settings import LibraryConfig
from signage.model.ids import is_id
from signage.model.local_time import to_instant
from signage.model.panel import PRESET_KIND_LABELS, PRESET_PANELS, Panel
from signage.model.toml.findings import locate_findings, make_error
from signage.model.toml.recovering_parser import parse_toml
from signage.model.toml.schema import KeySchema, TableReader
from signage.model.toml.text_decoder import decode_text
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import KeyPeriod, ScheduleSettings
from signage.services.settings import (
    ApprovalConfig,
    ConsentConfig,
    FolderConfig,
    IncidentConfig,
    MailConfig,
    NoticeConfig,
    SessionConfig,
    TakeoverConfig,
)
from signage.store.settings import StorageConfig
from signage.web.settings import SettingView, WebConfig


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. Paths are relative to *root*, the folder of the configuration file."""

    path: Path
    server: ServerConfig
    web: WebConfig
    storage: StorageConfig
    folder: FolderConfig
    schedule: ScheduleConfig
    takeover: TakeoverConfig
    approval: ApprovalConfig
    consent: ConsentConfig
    is_consent_decided: bool
    evidence: EvidenceConfig
    plays: PlaysConfig
    session: SessionConfig
    incident: IncidentConfig
    mail: MailConfig
    notice: NoticeConfig
    library: LibraryConfig
    key_periods: tuple[KeyPeriod, ...]
    calendars: OfficialCalendars
    panels: Mapping[str, Panel]
    kind_labels: Mapping[str, str]

    @property
    def root(self) -> Path:
        """Folder of the configuration file."""
        return self.path.parent

    @property
    def state(self) -> Path:
        """Folder of everything that is written at run time."""
        return self.root / self.storage.state

    @property
    def campaign_folder(self) -> Path:
        """Folder of campaign files."""
        return self.root / self.folder.path

    @property
    def mail_server(self) -> MailConfig:
        """``[mail]``, with the absolute path of its password file."""
        file = self.mail.password_file
        return replace(self.mail, password_file=str(self.root / file)) if file else self.mail

    @property
    def timezone(self) -> str:
        return self.server.timezone

    @property
    def schedule_settings(self) -> ScheduleSettings:
        """Settings of the schedule, in its units."""
        return ScheduleSettings(
            self.schedule.max_loop_s * 1000,
            self.schedule.days,
            self.schedule.poll_seconds,
            self.takeover.poll_seconds,
            self.key_periods,
            self.enforce_consent,
        )

    @property
    def enforce_consent(self) -> bool | None:
        """Whether campaigns need consents; None where the file does not say so."""
        return self.consent.enforce if self.is_consent_decided else None


def load_config(path: Path) -> Config:
    """Load the configuration file. Raises Refused with all its faults, or because the file is missing."""
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
    """Parse *data* as the configuration file at *path*. Raises Refused with all its faults."""
    content = decode_text(data)
    if not isinstance(content, str):
        raise Refused(locate_findings([content], str(path), ""))
    reader = TableReader(parse_toml(content))
    config = _build_config(path.absolute(), reader)
    if reader.parsed.findings or reader.findings:
        raise Refused(locate_findings([*reader.parsed.findings, *reader.findings], str(path), reader.parsed.text))
    return config


_SECRET_KEYS = ("password", "smtp_password", "webhooks", "database")
"""Keys whose values may contain credentials."""


def list_settings(config: Config) -> tuple[SettingView, ...]:
    """List every setting of the tables with its value and default as text; credentials are masked."""
    owners = {
        ServerConfig: config.server,
        WebConfig: config.web,
        StorageConfig: config.storage,
        FolderConfig: config.folder,
        ScheduleConfig: config.schedule,
        TakeoverConfig: config.takeover,
        ApprovalConfig: config.approval,
        ConsentConfig: config.consent,
        SessionConfig: config.session,
        IncidentConfig: config.incident,
        MailConfig: config.mail,
        NoticeConfig: config.notice,
        LibraryConfig: config.library,
        EvidenceConfig: config.evidence,
        PlaysConfig: config.plays,
    }
    values = {
        (table, get_key(field.name)): getattr(owners[owner], field.name)
        for table, classes in CONFIG_TABLES.items()
        for owner in classes
        for field in fields(owner)
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


def _build_config(path: Path, reader: TableReader) -> Config:
    tables = reader.parsed.tables
    any_table = KeySchema(lambda value: value)
    reader.read_table((), tables, dict.fromkeys((*CONFIG_TABLES, *TABLE_ARRAYS, *KEYED_TABLES), any_table))
    values = {name: reader.read_table((name,), tables.get(name, {}), get_table_keys(name)) for name in CONFIG_TABLES}
    built = {owner: _build_table(owner, values[name]) for name, owners in CONFIG_TABLES.items() for owner in owners}
    rows = {name: reader.read_tables(name, tables.get(name, []), get_table_keys(name)) for name in TABLE_ARRAYS}
    server: ServerConfig = built[ServerConfig]
    return Config(
        path=path,
        server=server,
        web=built[WebConfig],
        storage=built[StorageConfig],
        folder=built[FolderConfig],
        schedule=built[ScheduleConfig],
        takeover=built[TakeoverConfig],
        approval=built[ApprovalConfig],
        consent=built[ConsentConfig],
        is_consent_decided="enforce" in values["consent"],
        evidence=built[EvidenceConfig],
        plays=built[PlaysConfig],
        session=built[SessionConfig],
        incident=built[IncidentConfig],
        mail=built[MailConfig],
        notice=built[NoticeConfig],
        library=built[LibraryConfig],
        key_periods=_build_key_periods(reader, rows["key_period"], ZoneInfo(server.timezone)),
        calendars=OfficialCalendars(_build_holidays(reader, rows["holiday"])),
        panels=_build_panels(reader, rows["panel"]),
        kind_labels=_build_kind_labels(reader, tables.get("kind", {})),
    )


def _build_table(owner: type, values: Mapping[str, Any]) -> Any:
    names = {get_key(field.name): field.name for field in fields(owner)}
    return owner(**{names[key]: value for key, value in values.items() if key in names})


def _build_key_periods(reader: TableReader, rows: list[dict[str, Any]], zone: ZoneInfo) -> tuple[KeyPeriod, ...]:
    periods = []
    for n, row in enumerate(rows):
        if "from" not in row or "until" not in row:
            continue
        begin, end = to_instant(row["from"], zone), to_instant(row["until"], zone)
        if end <= begin:
            reader.findings.append(make_error("until-not-after-from", ("key_period", n, "until")))
        periods.append(KeyPeriod(begin, end, row.get("poll_seconds", 10)))
    return tuple(periods)


def _build_holidays(reader: TableReader, rows: list[dict[str, Any]]) -> tuple[tuple[Any, bool], ...]:
    days: dict[Any, bool] = {}
    for n, row in enumerate(rows):
        if row.get("date") in days:
            reader.findings.append(make_error("holiday-twice", ("holiday", n, "date"), value=str(row["date"])))
        if "date" in row and "workday" in row:
            days[row["date"]] = row["workday"]
    return tuple(sorted(days.items()))


def _build_panels(reader: TableReader, rows: list[dict[str, Any]]) -> Mapping[str, Panel]:
    panels = {panel.id: panel for panel in PRESET_PANELS}
    seen: set[str] = set()
    for n, row in enumerate(rows):
        if row.get("id") in seen:
            reader.findings.append(make_error("panel-twice", ("panel", n, "id"), name=row["id"]))
        if {"id", "width", "height"} <= row.keys():
            seen.add(row["id"])
            facts = {**row, "plays": frozenset(row["plays"])} if "plays" in row else row
            panels[row["id"]] = Panel(**facts)
    return panels


def _build_kind_labels(reader: TableReader, table: object) -> Mapping[str, str]:
    """Return kind → label. Two kinds of one label are an error: a spreadsheet names kinds by their labels."""
    labels = dict(PRESET_KIND_LABELS)
    entries = table if isinstance(table, dict) else {}
    reader.read_table(("kind",), table, {}, inner=tuple(entries))
    for kind, value in entries.items():
        if not is_id(kind):
            reader.findings.append(make_error("not-id", ("kind", kind), value=f'"{kind[:60]}"', name=kind[:60]))
        row = reader.read_table(("kind", kind), value, get_table_keys("kind"))
        labels[kind] = str(row.get("label", kind))
    for kind in labels:
        if kind in entries and list(labels.values()).count(labels[kind]) > 1:
            reader.findings.append(make_error("kind-label-twice", ("kind", kind, "label"), value=labels[kind]))
    return labels
