"""What the system does for the evidence on time: checkpoints, the archive, reports that are due.

Each asks what must be done now and does it; a look that comes late does what was missed.
"""

import logging
from pathlib import Path

from msgspec.structs import asdict

from signage.evidence.archive_sealing import expire, seal_due
from signage.evidence.audit_log.checkpoints import checkpoint, write_out
from signage.evidence.judged_plays import unfit
from signage.evidence.reports import mail
from signage.evidence.reports import text_zh as words
from signage.evidence.reports.deadlines import Todo, todo
from signage.evidence.reports.report import Report
from signage.evidence.reports.write import write
from signage.evidence.settings import EvidenceConfig
from signage.model.users import SYSTEM, Actor
from signage.services.context import Office
from signage.services.evidence.plays import archive, evidence
from signage.services.evidence.reports import Papers, report_of
from signage.services.incidents import incidents
from signage.services.settings import IncidentConfig
from signage.store import audit_log as audit
from signage.store import incidents as rows
from signage.store.audit_checkpoints import Checkpoint
from signage.store.campaigns import campaigns
from signage.store.plays import report_steps
from signage.store.plays.archive_days import SealedDay
from signage.store.plays.report_steps import Done, Step

REPORTS = "reports"
_TARGETS = IncidentConfig()
_log = logging.getLogger(__name__)


def keep_checkpoint(office: Office, config: EvidenceConfig) -> Checkpoint | None:
    """Sign the audit log as it stands, where something happened, and put the checkpoint where it leaves the house."""
    made = checkpoint(office.store, office.clock)
    if made is not None and config.checkpoints:
        write_out(made, office.root / config.checkpoints)
    return made


def keep_archive(office: Office, config: EvidenceConfig, targets: IncidentConfig = _TARGETS) -> list[SealedDay]:
    """Seal the days that are over, delete those that are kept no longer; returns those that were sealed.

    A file that is not the one that was sealed is an incident, once; all are hashed anew when a day was sealed.
    """
    sealed = seal_due(
        office.store, office.clock, archive(office), lambda connection: evidence(office, connection), config
    )
    expire(office.store, office.clock, archive(office), config)
    _miss(office, targets, afresh=bool(sealed))
    return sealed


def _miss(office: Office, targets: IncidentConfig, *, afresh: bool) -> None:
    with office.store.read() as connection:
        found = unfit(connection, archive(office), afresh=afresh)
        known = rows.open_causes(connection)
    fresh = [one for one in found if f"archive {one.day}" not in known]
    if fresh:
        with office.act(SYSTEM, "incident.report", "archive") as tx:
            tx.note(raised=len(fresh))
            for one in fresh:
                values = {"kind": "archive", "cause": f"archive {one.day}", "screen": None, "unit": None}
                incidents.raise_in(tx, targets, {**values, "facts": asdict(one)})


def keep_reports(office: Office, config: EvidenceConfig, papers: Papers) -> list[Done]:
    """Remind of reports that are due, make their drafts, mail them; returns the steps that were taken."""
    with office.store.read() as connection:
        due = todo(campaigns.approved(connection), report_steps.every(connection), office.clock.now(), config)
    done: list[Done] = []
    for one in due:
        try:
            _take(office, config, papers, one)
        except OSError as error:
            _log.warning("report of %s: %s failed, it is tried again: %s", one.campaign.id, one.step, error)
            continue
        done.append(_note(office, one.campaign.id, one, one.step, SYSTEM.id))
    return done


def draft_path(office: Office, campaign_id: str, ending: str = ".docx") -> Path:
    """Where the draft of a report is, once it is made."""
    return office.state / REPORTS / f"{campaign_id}{ending}"


def delivered(office: Office, actor: Actor, campaign_id: str, file: str) -> None:
    """Keep that a report was downloaded."""
    with office.act(actor, "report.make", campaign_id, file=file, delivered="download"):
        pass


def _take(office: Office, config: EvidenceConfig, papers: Papers, one: Todo) -> None:
    if one.step == "remind":
        if config.smtp and config.mail_to:
            due = one.due.astimezone(one.campaign.zone)
            mail.send(
                config,
                f"{one.campaign.title}：总结将到期",
                f"活动 {one.campaign.id} 的总结应于 {due:%Y-%m-%d %H:%M} 前报送。",
            )
    elif one.step == "draft":
        _draft(office, report_of(office, one.campaign, papers))
    else:
        files = [draft_path(office, one.campaign.id, ending) for ending in (".docx", ".xlsx")]
        if not all(path.exists() for path in files):
            _draft(office, report_of(office, one.campaign, papers))
        mail.send(config, f"{one.campaign.title}：总结草稿", "总结草稿见附件，请核对、补充后报送。", files)


def _draft(office: Office, report: Report) -> None:
    (office.state / REPORTS).mkdir(mode=0o700, exist_ok=True)
    for ending in (".docx", ".xlsx"):
        write(report, draft_path(office, report.campaign, ending))
    _log.info("%s: drafted", words.title(report))


def _note(office: Office, campaign_id: str, one: Todo, step: Step, who: str) -> Done:
    at = office.clock.now()
    done = Done(campaign_id, one.due, step, at, who)
    with office.store.write() as connection:
        if report_steps.note(connection, done):
            audit.append(connection, at, who, f"report.{step}", campaign_id, {"due": one.due})
    return done
