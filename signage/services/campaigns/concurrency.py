"""What else shows on the screens of a campaign during its window."""

from dataclasses import dataclass, replace
from typing import Literal

from signage.model.campaign import Campaign
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot
from signage.schedule.consents import get_rights
from signage.schedule.snapshot import ScheduleSnapshot
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


@dataclass(frozen=True, slots=True)
class Concurrency:
    """The *campaigns* that share screens and days with one, the highest priority first.

    *lacking_consent*: how many of its screens belong to other units that have not consented.
    """

    campaigns: tuple[ConcurrentCampaign, ...] = ()
    lacking_consent: int = 0


def find_concurrency(context: AppContext, rules: ScheduleRules, campaign: Campaign) -> Concurrency:
    """Return what else shows on the screens of *campaign*, as if it were approved."""
    with context.store.read() as connection:
        current = load_current_snapshot(connection, rules).snapshot
    others = tuple(
        other
        for other in current.campaigns
        if other.id != campaign.id and other.starts_at < campaign.ends_at and campaign.starts_at < other.ends_at
    )
    snapshot = replace(current, campaigns=(campaign, *others), takeovers=())
    counts, lacking = dict.fromkeys(range(len(others)), 0), 0
    for group in get_screen_groups(context).list_groups(snapshot):
        rights, size = get_rights(snapshot, group.representative), len(group.screen_ids)
        is_targeted, *_ = _list_present(snapshot, rights.targeted)
        is_permitted, *present = _list_present(snapshot, rights.permitted)
        lacking += size if is_targeted and not is_permitted else 0
        for number, is_there in enumerate(present):
            counts[number] += size if is_there and is_permitted else 0
    found = [
        ConcurrentCampaign(other, counts[number], _compare_priority(campaign, other))
        for number, other in enumerate(others)
        if counts[number]
    ]
    found.sort(key=lambda entry: (-entry.campaign.priority, entry.campaign.id))
    return Concurrency(tuple(found), lacking)


def _list_present(snapshot: ScheduleSnapshot, mask: int) -> list[bool]:
    """Return for each campaign whether *mask* has a placement of it."""
    present = []
    for campaign in snapshot.campaigns:
        present.append(bool(mask & ((1 << len(campaign.placements)) - 1)))
        mask >>= len(campaign.placements)
    return present


def _compare_priority(campaign: Campaign, other: Campaign) -> Precedence:
    if other.priority == campaign.priority:
        return "shares"
    return "covers" if other.priority > campaign.priority else "yields"
