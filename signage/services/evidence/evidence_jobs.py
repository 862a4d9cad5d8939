"""What the system does for the evidence on time: checkpoints, the archive, reports that are due.

Each asks what must be done now and does it; a look that comes late does what was missed.
"""

import logging
from pathlib import Path

from msgspec.structs import asdict

from signage.evidence.archive_sealing import delete_expired_days, seal_due_days
from signage.evidence.audit_log.checkpoints import create_checkpoint, write_checkpoint_file
from signage.evidence.judged_plays import find_archive_damage
from signage.evidence.reports import mail
from signage.evidence.reports.deadlines import DueReportStep, list_due_steps
from signage.evidence.reports.report import CampaignReport
from signage.evidence.reports.write import write_report
from signage.evidence.settings import EvidenceConfig
from signage.messages import render_message
from signage.model.users import SYSTEM_ACTOR, Actor
from signage.services.context import AppContext
from signage.services.evidence.plays import build_evidence, get_archive
from signage.services.evidence.reports import ForecastProvider, build_report
from signage.services.incidents.incidents import DetectedIncident, raise_incident
from signage.services.settings import IncidentConfig
from signage.store import audit_log as audit
from signage.store import incidents as rows
from signage.store.audit_checkpoints import CheckpointRow
from signage.store.campaigns import campaigns
from signage.store.plays import report_steps
from signage.store.plays.archive_days import ArchiveDayRow
from signage.store.plays.report_steps import ReportStep, ReportStepRow

REPORTS_FOLDER = "reports"
_DEFAULT_INCIDENT_CONFIG = IncidentConfig()
_log = logging.getLogger(__name__)


def sign_checkpoint(office: AppContext, config: EvidenceConfig) -> CheckpointRow | None:
    """Sign the audit log as it stands, where something happened, and put the checkpoint where it leaves the house."""
    made = create_checkpoint(office.store, office.clock)
    if made is not None and config.checkpoints:
        write_checkpoint_file(made, office.root / config.checkpoints)
    return made


def maintain_archive(
    office: AppContext, config: EvidenceConfig, targets: IncidentConfig = _DEFAULT_INCIDENT_CONFIG
) -> list[ArchiveDayRow]:
    """Seal the days that are over, delete those that are kept no longer; returns those that were sealed.

    A file that is not the one that was sealed is an incident, once; all are hashed anew when a day was sealed.
    """
    sealed = seal_due_days(
        office.store, office.clock, get_archive(office), lambda connection: build_evidence(office, connection), config
    )
    delete_expired_days(office.store, office.clock, get_archive(office), config)
    _report_archive_damage(office, targets, afresh=bool(sealed))
    return sealed


def _report_archive_damage(office: AppContext, targets: IncidentConfig, *, afresh: bool) -> None:
    with office.store.read() as connection:
        found = find_archive_damage(connection, get_archive(office), rehash=afresh)
        known = rows.get_open_by_cause(connection)
    fresh = [one for one in found if f"archive {one.day}" not in known]
    if fresh:
        with office.transaction(SYSTEM_ACTOR, "incident.report", "archive") as tx:
            tx.add_details(raised=len(fresh))
            for one in fresh:
                raise_incident(tx, targets, DetectedIncident("archive", f"archive {one.day}", facts=asdict(one)))


def process_due_reports(office: AppContext, config: EvidenceConfig, papers: ForecastProvider) -> list[ReportStepRow]:
    """Remind of reports that are due, make their drafts, mail them; returns the steps that were taken."""
    with office.store.read() as connection:
        due = list_due_steps(
            campaigns.list_approved_campaigns(connection),
            report_steps.list_steps(connection),
            office.clock.now(),
            config,
        )
    done: list[ReportStepRow] = []
    for one in due:
        try:
            _perform_step(office, config, papers, one)
        except OSError as error:
            _log.warning("report of %s: %s failed, it is tried again: %s", one.campaign.id, one.step, error)
            continue
        done.append(_record_step(office, one.campaign.id, one, one.step, SYSTEM_ACTOR.id))
    return done


def get_draft_path(office: AppContext, campaign_id: str, ending: str = ".docx") -> Path:
    """Where the draft of a report is, once it is made."""
    return office.state / REPORTS_FOLDER / f"{campaign_id}{ending}"


def record_delivery(office: AppContext, actor: Actor, campaign_id: str, file: str) -> None:
    """Keep that a report was downloaded."""
    with office.transaction(actor, "report.make", campaign_id, file=file, delivered="download"):
        pass


def _perform_step(office: AppContext, config: EvidenceConfig, papers: ForecastProvider, one: DueReportStep) -> None:
    if one.step == "remind":
        if config.smtp and config.mail_to:
            due = one.due.astimezone(one.campaign.zone)
            mail.send_mail(
                config,
                _render("report-mail-reminder", title=one.campaign.title),
                _render("report-mail-reminder-text", campaign=one.campaign.id, due=f"{due:%Y-%m-%d %H:%M}"),
            )
    elif one.step == "draft":
        _write_draft(office, build_report(office, one.campaign, papers))
    else:
        files = [get_draft_path(office, one.campaign.id, ending) for ending in (".docx", ".xlsx")]
        if not all(path.exists() for path in files):
            _write_draft(office, build_report(office, one.campaign, papers))
        subject = _render("report-mail-draft", title=one.campaign.title)
        mail.send_mail(config, subject, _render("report-mail-draft-text"), files)


def _render(code: str, **facts: object) -> str:
    return render_message(code, "zh", facts)


def _write_draft(office: AppContext, report: CampaignReport) -> None:
    (office.state / REPORTS_FOLDER).mkdir(mode=0o700, exist_ok=True)
    for ending in (".docx", ".xlsx"):
        write_report(report, get_draft_path(office, report.campaign, ending))
    _log.info("%s: drafted", report.title)


def _record_step(office: AppContext, campaign_id: str, one: DueReportStep, step: ReportStep, who: str) -> ReportStepRow:
    at = office.clock.now()
    done = ReportStepRow(campaign_id, one.due, step, at, who)
    with office.store.write() as connection:
        if report_steps.record_step(connection, done):
            audit.append_entry(connection, at, who, f"report.{step}", campaign_id, {"due": one.due})
    return done
