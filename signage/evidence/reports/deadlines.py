"""Deadlines of reports: which reminders, drafts and mails are due now. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from signage.evidence.settings import EvidenceConfig
from signage.model.campaign import Campaign
from signage.model.local_time import to_instant
from signage.store.plays.report_steps import ReportStep, ReportStepRow

MAX_OVERDUE = timedelta(days=30)
"""A report overdue for longer is ignored: nobody waits for it at a first start."""


@dataclass(frozen=True, slots=True)
class DueReportStep:
    """A step that is due for a campaign's report."""

    campaign: Campaign
    due: datetime
    step: ReportStep


def list_due_steps(
    campaigns: Iterable[Campaign],
    done: Iterable[ReportStepRow],
    now: datetime,
    config: EvidenceConfig,
    *,
    can_mail: bool,
) -> list[DueReportStep]:
    """List the steps whose time has come by *now* and that are not *done*, however late."""
    done_keys = {(row.campaign, row.due, row.step) for row in done}
    due_steps: list[DueReportStep] = []
    for campaign in campaigns:
        if campaign.report_due is None:
            continue
        due = to_instant(campaign.report_due, campaign.zone)
        if now - due > MAX_OVERDUE:
            continue
        steps: list[tuple[ReportStep, float]] = [("remind", config.remind_h), ("draft", config.draft_h)]
        if can_mail:
            steps.append(("mail", config.draft_h))
        for step, hours in steps:
            if now >= due - timedelta(hours=hours) and (campaign.id, due, step) not in done_keys:
                due_steps.append(DueReportStep(campaign, due, step))
    return due_steps
