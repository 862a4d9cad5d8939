"""When a report is due: its owners are reminded, its draft is made in time. Pure: what must be done now?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from signage.evidence.settings import EvidenceConfig
from signage.model.campaign import Campaign
from signage.model.local_time import instant
from signage.store.plays.report_steps import Done, Step

FORGOTTEN = timedelta(days=30)
"""A report that was due so long ago is not asked for any more: nobody waits for it at a first start."""


@dataclass(frozen=True, slots=True)
class Todo:
    """A step to be taken for a campaign's report."""

    campaign: Campaign
    due: datetime
    step: Step


def todo(campaigns: Iterable[Campaign], done: Iterable[Done], now: datetime, config: EvidenceConfig) -> list[Todo]:
    """What must be done at *now*: whatever is past its hour and was not done, however late the look is."""
    taken = {(one.campaign, one.due, one.step) for one in done}
    found: list[Todo] = []
    for campaign in campaigns:
        if campaign.report_due is None:
            continue
        due = instant(campaign.report_due, campaign.zone)
        if now - due > FORGOTTEN:
            continue
        steps: list[tuple[Step, float]] = [("remind", config.remind_h), ("draft", config.draft_h)]
        if config.smtp and config.mail_to:
            steps.append(("mail", config.draft_h))
        for step, hours in steps:
            if now >= due - timedelta(hours=hours) and (campaign.id, due, step) not in taken:
                found.append(Todo(campaign, due, step))
    return found
