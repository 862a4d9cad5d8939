"""Starts, stops and lists takeovers; a refused request lists all of its faults.

1. A takeover has an end, and lasts no longer than ``[takeover] max_h``.
2. Its instants are whole seconds; it is active from the second in which it is started.
3. A unit's duty officer takes over the screens of that unit alone, and shows nothing of another unit there; common
   screens, and those of several units, are for officers without a unit or with ``all_units`` (contract, rule 9).
4. The screens that match its selectors when it starts stay under it, whatever is changed about them later; a screen
   that comes to match them later joins.
4. An item is shown until the end as it was at the start: the end of its campaign, a new version, a file that is removed
   do not change the takeover, and a clip that it shows is not deleted meanwhile (``services/library/clips.py``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model.campaign import Campaign, format_item_ref
from signage.model.screen import Screen
from signage.model.takeover import Takeover, freeze_content
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.model.users import Actor
from signage.schedule import targets
from signage.services.context import AppContext, AuditedTransaction
from signage.services.selector_input import parse_selectors, select_screens
from signage.services.takeovers.scope import (
    check_confirmed,
    check_item_unit,
    check_screen_units,
    check_stop,
    is_limited_to_unit,
)
from signage.services.text_input import check_text
from signage.store.campaigns import campaign_lists, campaigns
from signage.store.engine import Connection
from signage.store.screens import screens
from signage.store.takeovers import takeovers

MAX_TEXT_CHARS, MAX_WHY_CHARS = 500, 1000
MAX_ITEMS = 200
_CAMPAIGNS_PER_BATCH = 20
_ID_SUFFIXES = range(2, 10_000)


@dataclass(frozen=True, slots=True)
class TakeoverRequest:
    """A takeover to be started: exactly one of *text*, *item* (``campaign/item``) and *blank*; an end or a duration."""

    screens: tuple[str, ...]
    why: str
    until: datetime | None = None
    duration: timedelta | None = None
    text: str | None = None
    item: str | None = None
    blank: bool = False


def start_takeover(context: AppContext, actor: Actor, request: TakeoverRequest) -> Takeover:
    """Start a takeover. Raises Refused with all faults of *request*; nothing is changed then."""
    with context.transaction(actor, "takeover.start", "") as tx:
        until = _resolve_end(request, tx.at)
        faults = [*_check_content(tx, request), *_check_duration(context, tx, until)]
        selected: tuple[Screen, ...] = ()
        try:
            known = [row.screen for row in screens.iter_screens(tx.connection)]
            selected = select_screens(known, request.screens, context.kind_labels)
        except Refused as refused:
            faults += refused.faults
        is_limited = is_limited_to_unit(context, tx, actor)
        if is_limited:
            faults += [*check_screen_units(actor, selected), *check_item_unit(tx, actor, request.item)]
        check_confirmed(tx, actor)
        if faults or until is None:
            raise Refused(faults)
        takeover = takeovers.create_takeover(
            tx.connection,
            replace(_build_takeover(context, tx, actor, request, until), unit=actor.unit if is_limited else None),
            [screen.id for screen in selected],
        )
        tx.object_id = takeover.id
        tx.add_details(order=takeover, screens=len(selected))
    return takeover


def stop_takeover(context: AppContext, actor: Actor, takeover_id: str) -> Takeover:
    """Stop a takeover now. Raises Refused: it does not exist, or is over."""
    with context.transaction(actor, "takeover.stop", takeover_id) as tx:
        takeover = require_takeover(tx.connection, takeover_id, tx.at)
        now = tx.at.replace(microsecond=0)
        if takeover.ends_at <= now:
            raise refuse("takeover-over", takeover_id, id=takeover_id)
        if is_limited_to_unit(context, tx, actor):
            check_stop(tx, actor, takeover)
        takeovers.stop_takeover(tx.connection, takeover_id, now, actor.id)
        tx.add_details(ordered_until=takeover.until)
        return takeovers.get_takeover(tx.connection, takeover_id) or takeover


def stop_all_takeovers(context: AppContext, actor: Actor) -> tuple[Takeover, ...]:
    """Stop all running takeovers; there may be none."""
    return tuple(stop_takeover(context, actor, takeover.id) for takeover in list_running_takeovers(context))


def list_running_takeovers(context: AppContext) -> tuple[Takeover, ...]:
    """List the takeovers that have not ended."""
    with context.store.read() as connection:
        return takeovers.list_takeovers(connection, context.clock.now())


def list_takeovers(context: AppContext) -> tuple[Takeover, ...]:
    """List all takeovers, the oldest first."""
    with context.store.read() as connection:
        return takeovers.list_takeovers(connection)


def list_recent_takeovers(context: AppContext, limit: int = 20) -> tuple[Takeover, ...]:
    """List the newest *limit* takeovers, the newest first."""
    return tuple(reversed(list_takeovers(context)))[:limit]


def get_takeover(context: AppContext, takeover_id: str) -> Takeover:
    """Return a takeover. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        return require_takeover(connection, takeover_id, context.clock.now())


def require_takeover(connection: Connection, takeover_id: str, at: datetime) -> Takeover:
    """Return a takeover. Raises Refused (with the takeovers that run at *at*): it does not exist."""
    takeover = takeovers.get_takeover(connection, takeover_id)
    if takeover is None:
        running = ", ".join(running.id for running in takeovers.list_takeovers(connection, at))
        raise refuse("takeover-unknown", takeover_id[:64], id=ellipsize(takeover_id), running=running or "—")
    return takeover


def list_screens(context: AppContext, takeover_id: str, limit: int | None = None) -> list[str]:
    """List the ids of the screens that a takeover named when it started, at most *limit*."""
    with context.store.read() as connection:
        return takeovers.list_takeover_screens(connection, takeover_id, limit)


def count_screens(context: AppContext, takeover_id: str) -> int:
    """Count the screens that a takeover named when it started."""
    with context.store.read() as connection:
        return takeovers.count_takeover_screens(connection, takeover_id)


def list_available_items(context: AppContext, search: str = "", limit: int = MAX_ITEMS) -> list[tuple[str, str]]:
    """List ``campaign/item`` and text of items that a takeover may show: those of approved, running campaigns.

    *search*: only items that have it in their name or text.
    """
    now, needle = context.clock.now(), search.strip().casefold()
    available: list[tuple[str, str]] = []
    with context.store.read() as connection:
        running = [
            (campaign_id, version)
            for campaign_id, version, summary in campaign_lists.list_approved_summaries(connection)
            if summary.starts_at <= now < summary.ends_at
        ]
        if needle:
            words = [word for word in needle.split("/") if word]
            matching = campaign_lists.search_campaigns(connection, running, words)
            running = [(campaign_id, version) for campaign_id, version in running if campaign_id in matching]
        for start in range(0, len(running), _CAMPAIGNS_PER_BATCH):
            versions = campaign_lists.get_versions(connection, running[start : start + _CAMPAIGNS_PER_BATCH])
            for campaign_id in sorted(versions):
                items = _list_item_texts(versions[campaign_id].campaign)
                available += [item for item in items if needle in " ".join(item).casefold()]
            if len(available) >= limit:
                break
    return available[:limit]


def get_selector_zone(context: AppContext, selectors: Iterable[str]) -> ZoneInfo:
    """Return the time zone of a time without offset: the selected screens' common zone, else the server's."""
    parsed = parse_selectors(selectors)
    with context.store.read() as connection:
        zones = {
            row.screen.timezone
            for row in screens.iter_screens(connection)
            if targets.matches_screen(parsed, row.screen)
        }
    return ZoneInfo(zones.pop() if len(zones) == 1 else context.timezone)


def retain_screens(tx: AuditedTransaction, changed: Sequence[Screen]) -> None:
    """Pin *changed* screens to the running takeovers that named them but no longer match them (4)."""
    by_id = {screen.id: screen for screen in changed}
    for takeover_id, screen_ids in takeovers.find_takeovers_on(tx.connection, list(by_id), tx.at).items():
        takeover = takeovers.get_takeover(tx.connection, takeover_id)
        if takeover is not None:
            unmatched = [id_ for id_ in screen_ids if not targets.matches_screen(takeover.screens, by_id[id_])]
            if unmatched:
                takeovers.pin_screens(tx.connection, takeover_id, unmatched)
                tx.mark_changed("takeovers")


def _list_item_texts(campaign: Campaign) -> list[tuple[str, str]]:
    return [(format_item_ref(campaign.id, item.id), item.text or item.title or item.id) for item in campaign.items]


def _check_content(tx: AuditedTransaction, request: TakeoverRequest) -> list[Fault]:
    faults = []
    if sum((request.text is not None, request.item is not None, request.blank)) != 1:
        faults.append(_fault("takeover-content", "text"))
    if request.text is not None:
        faults += check_text("text", request.text, MAX_TEXT_CHARS)
    if request.item is not None:
        faults += _check_item(tx, request.item)
    return faults + check_text("why", request.why, MAX_WHY_CHARS)


def _check_item(tx: AuditedTransaction, name: str) -> list[Fault]:
    approved = campaigns.list_approved_item_names(tx.connection)
    if name in approved:
        return []
    closest = find_closest_match(name, approved)
    code = "item-unknown" if closest is None else "item-unknown-near"
    return [_fault(code, "item", item=ellipsize(name), nearest=closest)]


def _resolve_end(request: TakeoverRequest, at: datetime) -> datetime | None:
    now = at.replace(microsecond=0)
    try:
        until = request.until if request.duration is None else now + request.duration
    except OverflowError:
        until = datetime.max.replace(tzinfo=UTC)
    return None if until is None else until.replace(microsecond=0)


def _check_duration(context: AppContext, tx: AuditedTransaction, until: datetime | None) -> list[Fault]:
    if until is None:
        return [_fault("takeover-endless", "until")]
    duration = until - tx.at.replace(microsecond=0)
    if duration <= timedelta(0):
        local = until.astimezone(ZoneInfo(context.timezone))
        return [_fault("takeover-ends-before", "until", until=local.isoformat(timespec="seconds"))]
    if duration > timedelta(hours=context.takeover.max_h):
        return [_fault("takeover-too-long", "until", most=f"{context.takeover.max_h:g}")]
    return []


def _build_takeover(
    context: AppContext, tx: AuditedTransaction, actor: Actor, request: TakeoverRequest, until: datetime
) -> Takeover:
    now = tx.at.replace(microsecond=0)
    base = now.astimezone(ZoneInfo(context.timezone)).strftime("t-%Y%m%d-%H%M%S")
    ids = (base, *(f"{base}-{n}" for n in _ID_SUFFIXES))
    return Takeover(
        id=next(id_ for id_ in ids if takeovers.get_takeover(tx.connection, id_) is None),
        number=0,
        screens=parse_selectors(request.screens),
        from_=now,
        until=until,
        who=actor.id,
        why=request.why.strip(),
        text=request.text,
        item=request.item,
        blank=request.blank,
        content=None if request.item is None else _freeze_item(tx, request.item),
    )


def _freeze_item(tx: AuditedTransaction, name: str) -> Campaign | None:
    """Return the content of an approved item now (4)."""
    campaign_id, _, item_id = name.partition("/")
    campaign = campaigns.get_approved_campaign(tx.connection, campaign_id)
    return None if campaign is None else freeze_content(campaign, item_id)


def _fault(code: str, key: str, **facts: object) -> Fault:
    return Fault("error", code, FaultLocation(key=key), facts)
