"""Takeovers on a screen: their intervals, their content, and the shorter poll interval while one runs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from signage.model.campaign import Campaign, format_item_ref
from signage.model.screen import Screen
from signage.model.takeover import Takeover, freeze_content
from signage.schedule.consents import list_permitted_takeovers
from signage.schedule.live_content import BUILTIN_STILL_ITEM, ContentInterval, LiveContent, LiveItem
from signage.schedule.priority import LengthByItem, get_length
from signage.schedule.snapshot import ScheduleSnapshot


def list_takeover_intervals(
    snapshot: ScheduleSnapshot, screen: Screen, lengths: LengthByItem
) -> tuple[ContentInterval, ...]:
    """Return the whole interval of each takeover that targets *screen*, by start order: a later one wins."""
    takeovers = sorted(list_permitted_takeovers(snapshot, screen), key=lambda takeover: takeover.number)
    return tuple(
        ContentInterval(takeover.from_, takeover.ends_at, _get_takeover_content(takeover, lengths))
        for takeover in takeovers
        if takeover.from_ < takeover.ends_at
    )


def _get_takeover_content(takeover: Takeover, lengths: LengthByItem) -> LiveContent:
    item = get_takeover_item(takeover, lengths)
    return LiveContent("takeover", f"takeover: {takeover.id}", item=item, takeover_id=takeover.id)


def get_takeover_item(takeover: Takeover, lengths: LengthByItem) -> LiveItem | None:
    """Return the item of *takeover*: None when blank, the built-in still where the panel cannot play the item."""
    name = takeover.item_ref
    if name is None:
        return None
    length = get_length(lengths, name)
    return LiveItem(name, length) if isinstance(length, int) else BUILTIN_STILL_ITEM


def resolve_item_names(takeovers: Sequence[Takeover], campaigns: Sequence[Campaign]) -> tuple[Takeover, ...]:
    """Return *takeovers* such that no two contents have one item name.

    A takeover keeps the name of its item while that name stands for nothing else. Where the campaign, or an earlier
    takeover, shows something else under it by now, the frozen content gets the takeover's own name (*item* is None).
    """
    wanted = {takeover.item for takeover in takeovers if takeover.content is not None}
    contents = {
        name: freeze_content(campaign, item.id)
        for campaign in campaigns
        for item in campaign.items
        if (name := format_item_ref(campaign.id, item.id)) in wanted
    }
    resolved = []
    for takeover in takeovers:
        if takeover.content is not None and takeover.item is not None:
            known = contents.setdefault(takeover.item, takeover.content)
            if (known.items, known.look) != (takeover.content.items, takeover.content.look):
                takeover = replace(takeover, item=None)
        resolved.append(takeover)
    return tuple(resolved)


def list_running_takeovers(snapshot: ScheduleSnapshot, screen: Screen, at: datetime) -> tuple[Takeover, ...]:
    """Return the takeovers that run on *screen* at the instant *at*, by start order: the last one wins."""
    takeovers = list_permitted_takeovers(snapshot, screen)
    running = [takeover for takeover in takeovers if takeover.from_ <= at < takeover.ends_at]
    return tuple(sorted(running, key=lambda takeover: takeover.number))


def get_poll_seconds(snapshot: ScheduleSnapshot, screen: Screen, at: datetime) -> int:
    """Return the poll interval of *screen* at *at*: shorter during a takeover or a key period."""
    settings = snapshot.settings
    seconds = [settings.poll_seconds]
    seconds += [period.poll_seconds for period in settings.key_periods if period.from_ <= at < period.until]
    if list_running_takeovers(snapshot, screen, at):
        seconds.append(settings.takeover_poll_seconds)
    return min(seconds)
