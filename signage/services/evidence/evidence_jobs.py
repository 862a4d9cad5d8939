"""Periodic jobs of the evidence: checkpoints, sealing of the archive, due reports.

Each job determines what is due and does it; a late run does what was missed.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import asdict

from signage.evidence.archive_sealing import delete_expired_days, seal_due_days
from signage.evidence.audit_log.checkpoints import create_checkpoint, write_checkpoint_file
from signage.evidence.judged_plays import find_archive_damage
from signage.evidence.reports.deadlines import DueReportStep, list_due_steps
from signage.evidence.reports.write import write_report
from signage.evidence.settings import EvidenceConfig
from signage.messages import render_message
from signage.model.users import SYSTEM_ACTOR, Actor
from signage.services.context import AppContext
from signage.services.evidence.planned_periods import ForecastProvider
from signage.services.evidence.plays import build_evidence, get_archive
from signage.services.evidence.reports import build_report
from signage.services.incidents.incidents import DetectedIncident, raise_incident
from signage.services.mail import get_report_mail, send_mail
from signage.services.settings import IncidentConfig, MailConfig
from signage.store import audit_log as audit
from signage.store import incidents
from signage.store.audit_checkpoints import CheckpointRow
from signage.store.campaigns import campaigns
from signage.store.plays import report_steps
from signage.store.plays.archive_days import ArchiveDayRow
from signage.store.plays.report_steps import ReportStepRow

REPORTS_FOLDER = "reports"
_DRAFT_ENDINGS = (".docx", ".xlsx")
_NO_MAIL = MailConfig()
_DEFAULT_INCIDENT_CONFIG = IncidentConfig()
_log = logging.getLogger(__name__)


def sign_checkpoint(app: AppContext, config: EvidenceConfig) -> CheckpointRow | None:
    """Sign a checkpoint where the audit log has new entries, and copy it to the external folder."""
    checkpoint = create_checkpoint(app.store, app.clock)
    if checkpoint is not None and config.checkpoints:
        write_checkpoint_file(checkpoint, app.root / config.checkpoints)
    return checkpoint


def maintain_archive(
    app: AppContext, config: EvidenceConfig, targets: IncidentConfig = _DEFAULT_INCIDENT_CONFIG
) -> list[ArchiveDayRow]:
    """Seal past days and delete expired ones; return the days that were sealed.

    Each missing or altered file raises one incident; all files are hashed again when a day was sealed.
    """
    sealed = seal_due_days(
        app.store, app.clock, get_archive(app), lambda connection: build_evidence(app, connection), config
    )
    delete_expired_days(app.store, app.clock, get_archive(app), config)
    _report_archive_damage(app, targets, rehash=bool(sealed))
    return sealed


def _report_archive_damage(app: AppContext, targets: IncidentConfig, *, rehash: bool) -> None:
    with app.store.read() as connection:
        damages = find_archive_damage(connection, get_archive(app), rehash=rehash)
        open_causes = incidents.get_open_by_cause(connection)
    new = [damage for damage in damages if f"archive {damage.day}" not in open_causes]
    if new:
        with app.transaction(SYSTEM_ACTOR, "incident.report", "archive") as tx:
            tx.add_details(raised=len(new))
            for damage in new:
                raise_incident(tx, targets, DetectedIncident("archive", f"archive {damage.day}", facts=asdict(damage)))


def process_due_reports(
    app: AppContext, config: EvidenceConfig, forecast_provider: ForecastProvider, mail: MailConfig = _NO_MAIL
) -> list[ReportStepRow]:
    """Send reminders of due reports, create their drafts and mail them; return the steps that succeeded."""
    jobs = _ReportJobs(app, config, forecast_provider, get_report_mail(mail, config))
    with app.store.read() as connection:
        due = list_due_steps(
            campaigns.list_approved_campaigns(connection),
            report_steps.list_steps(connection),
            app.clock.now(),
            config,
            can_mail=jobs.can_mail,
        )
    done: list[ReportStepRow] = []
    for step in due:
        try:
            jobs.perform(step)
        except OSError as error:
            _log.warning("report of %s: %s failed and is retried: %s", step.campaign.id, step.step, error)
            continue
        done.append(_record_step(app, step))
    return done


def get_draft_path(app: AppContext, campaign_id: str, ending: str = ".docx") -> Path:
    """Return the path of the draft of a report."""
    return app.state / REPORTS_FOLDER / f"{campaign_id}{ending}"


def record_delivery(app: AppContext, actor: Actor, campaign_id: str, file: str) -> None:
    """Record in the audit log that a report was downloaded."""
    with app.transaction(actor, "report.make", campaign_id, file=file, delivered="download"):
        pass


@dataclass(frozen=True, slots=True)
class _ReportJobs:
    """The steps of due reports. *mail*: the server of reports and reminders."""

    app: AppContext
    config: EvidenceConfig
    forecast_provider: ForecastProvider
    mail: MailConfig

    @property
    def recipients(self) -> list[str]:
        return [address.strip() for address in self.config.mail_to.split(",") if address.strip()]

    @property
    def can_mail(self) -> bool:
        return bool(self.mail.host and self.recipients)

    def perform(self, due: DueReportStep) -> None:
        """Perform a step. Raises OSError."""
        if due.step == "remind":
            if self.can_mail:
                at = due.due.astimezone(due.campaign.zone)
                text = _render("report-mail-reminder-text", campaign=due.campaign.id, due=f"{at:%Y-%m-%d %H:%M}")
                self._send(_render("report-mail-reminder", title=due.campaign.title), text)
        elif due.step == "draft":
            self._write_draft(due)
        else:
            files = [get_draft_path(self.app, due.campaign.id, ending) for ending in _DRAFT_ENDINGS]
            if not all(path.exists() for path in files):
                self._write_draft(due)
            subject = _render("report-mail-draft", title=due.campaign.title)
            self._send(subject, _render("report-mail-draft-text"), files)

    def _send(self, subject: str, text: str, files: Sequence[Path] = ()) -> None:
        send_mail(self.mail, self.app.clock.now(), self.recipients, subject, text, files)

    def _write_draft(self, due: DueReportStep) -> None:
        report = build_report(self.app, due.campaign, self.forecast_provider)
        (self.app.state / REPORTS_FOLDER).mkdir(mode=0o700, exist_ok=True)
        for ending in _DRAFT_ENDINGS:
            write_report(report, get_draft_path(self.app, report.campaign, ending))
        _log.info("%s: drafted", report.title)


def _render(code: str, **facts: object) -> str:
    return render_message(code, "zh", facts)


def _record_step(app: AppContext, due: DueReportStep) -> ReportStepRow:
    at = app.clock.now()
    step = ReportStepRow(due.campaign.id, due.due, due.step, at, SYSTEM_ACTOR.id)
    with app.store.write() as connection:
        if report_steps.record_step(connection, step):
            audit.append_entry(connection, at, step.who, f"report.{due.step}", step.campaign, {"due": due.due})
    return step
