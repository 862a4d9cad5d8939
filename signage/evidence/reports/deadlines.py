"""When a report is due: its owners are reminded, its draft is made in time. Pure: what must be done now?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from signage.evidence.settings import EvidenceConfig
from signage.model.campaign import Campaign
from signage.model.local_time import to_instant
from signage.store.plays.report_steps import ReportStep, ReportStepRow

MAX_OVERDUE = timedelta(days=30)
"""A report that was due so long ago is not asked for any more: nobody waits for it at a first start."""


@dataclass(frozen=True, slots=True)
class DueReportStep:
    """A step to be taken for a campaign's report."""

    campaign: Campaign
    due: datetime
    step: ReportStep


def list_due_steps(
    campaigns: Iterable[Campaign], done: Iterable[ReportStepRow], now: datetime, config: EvidenceConfig
) -> list[DueReportStep]:
    """What must be done at *now*: whatever is past its hour and was not done, however late the look is."""
    taken = {(one.campaign, one.due, one.step) for one in done}
    found: list[DueReportStep] = []
    for campaign in campaigns:
        if campaign.report_due is None:
            continue
        due = to_instant(campaign.report_due, campaign.zone)
        if now - due > MAX_OVERDUE:
            continue
        steps: list[tuple[ReportStep, float]] = [("remind", config.remind_h), ("draft", config.draft_h)]
        if config.smtp and config.mail_to:
            steps.append(("mail", config.draft_h))
        for step, hours in steps:
            if now >= due - timedelta(hours=hours) and (campaign.id, due, step) not in taken:
                found.append(DueReportStep(campaign, due, step))
    return found
