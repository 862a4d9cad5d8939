"""What else shows on the screens of a campaign during its window."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from signage.model.campaign import Campaign
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import get_target_index
from signage.services.campaigns.simulation import get_screen_groups
from signage.services.context import AppContext

Precedence = Literal["shares", "covers", "yields"]


@dataclass(frozen=True, slots=True)
class ConcurrentCampaign:
    """Another approved campaign on *screen_count* screens of this one.

    *precedence*: it shares the time with this campaign, covers it, or yields to it.
    """

    campaign: Campaign
    screen_count: int
    precedence: Precedence


def list_concurrent_campaigns(
    context: AppContext, rules: ScheduleRules, campaign: Campaign
) -> list[ConcurrentCampaign]:
    """List the approved campaigns that share screens and days with *campaign*, the highest priority first."""
    with context.store.read() as connection:
        approved = load_current_snapshot(connection, rules).snapshot.campaigns
    others = tuple(
        other
        for other in approved
        if other.id != campaign.id and other.starts_at < campaign.ends_at and campaign.starts_at < other.ends_at
    )
    snapshot = ScheduleSnapshot((campaign, *others), calendars=rules.calendars, settings=rules.settings)
    counts = dict.fromkeys(range(len(others)), 0)
    for numbers, size in _iter_shared_groups(context, snapshot):
        for number in numbers:
            counts[number] += size
    found = [
        ConcurrentCampaign(other, counts[number], _compare_priority(campaign, other))
        for number, other in enumerate(others)
        if counts[number]
    ]
    return sorted(found, key=lambda entry: (-entry.campaign.priority, entry.campaign.id))


def _iter_shared_groups(context: AppContext, snapshot: ScheduleSnapshot) -> Iterator[tuple[list[int], int]]:
    """Yield for each group of screens of the first campaign the numbers of the others there, and its size."""
    index = get_target_index(snapshot)
    for group in get_screen_groups(context).list_groups(snapshot):
        mask, present = index.get_mask(group.representative), []
        for campaign in snapshot.campaigns:
            present.append(bool(mask & ((1 << len(campaign.placements)) - 1)))
            mask >>= len(campaign.placements)
        if present[0]:
            yield [number for number, is_there in enumerate(present[1:]) if is_there], len(group.screen_ids)


def _compare_priority(campaign: Campaign, other: Campaign) -> Precedence:
    if other.priority == campaign.priority:
        return "shares"
    return "covers" if other.priority > campaign.priority else "yields"
