"""Before and after a takeover: how many screens it reaches, which are offline, and the receipts as they land."""

from collections.abc import Iterable

from signage.faults import refuse
from signage.model.campaign import Campaign, format_item_ref
from signage.model.takeover import Takeover
from signage.schedule import targets
from signage.services.context import AppContext
from signage.services.screen_health import OFFLINE_AFTER
from signage.services.selectors import parse_selectors
from signage.store.campaigns import campaign_lists as campaign_desk
from signage.store.takeovers import audience as table
from signage.store.takeovers import takeovers
from signage.store.takeovers.audience import Audience, DeliveryCounts

MAX_ITEMS = 200
_CAMPAIGNS_PER_BATCH = 20
__all__ = [
    "Audience",
    "DeliveryCounts",
    "get_audience",
    "get_delivery",
    "list_available_items",
    "list_recent_takeovers",
]


def get_audience(office: AppContext, words: Iterable[str]) -> Audience:
    """What selectors name now. Raises Refused where one cannot be read."""
    selectors = [targets.parse_selector(text) for text in parse_selectors(words)]
    with office.store.read() as connection:
        return table.get_audience(connection, selectors, office.clock.now() - OFFLINE_AFTER)


def get_delivery(office: AppContext, takeover_id: str) -> tuple[Takeover, DeliveryCounts]:
    """A takeover and how it stands on its screens. Raises Refused where there is none of that id."""
    with office.store.read() as connection:
        order = takeovers.get_takeover(connection, takeover_id)
        if order is None:
            raise refuse("takeover-unknown", takeover_id, id=takeover_id[:64], running="—")
        return order, table.get_delivery_counts(connection, order.id)


def list_recent_takeovers(office: AppContext, limit: int = 20) -> tuple[Takeover, ...]:
    """The takeovers of late, the newest first."""
    with office.store.read() as connection:
        return tuple(reversed(takeovers.list_takeovers(connection)))[:limit]


def list_available_items(office: AppContext, search: str = "", limit: int = MAX_ITEMS) -> list[tuple[str, str]]:
    """``campaign/item`` and its words, of what may show now: the first of those that a takeover may take.

    *search*: only those in whose name or words it is.
    """
    now, wanted = office.clock.now(), search.strip().casefold()
    found: list[tuple[str, str]] = []
    with office.store.read() as connection:
        live = [
            (name, n)
            for name, n, head in campaign_desk.list_approved_summaries(connection)
            if head.starts_at <= now < head.ends_at
        ]
        if wanted:
            holding = campaign_desk.search_campaigns(connection, live, [word for word in wanted.split("/") if word])
            live = [(name, number) for name, number in live if name in holding]
        for start in range(0, len(live), _CAMPAIGNS_PER_BATCH):
            versions = campaign_desk.get_versions(connection, live[start : start + _CAMPAIGNS_PER_BATCH])
            for name in sorted(versions):
                found += [
                    one for one in _list_item_texts(versions[name].campaign) if wanted in " ".join(one).casefold()
                ]
            if len(found) >= limit:
                break
    return found[:limit]


def _list_item_texts(campaign: Campaign) -> list[tuple[str, str]]:
    return [(format_item_ref(campaign.id, item.id), item.text or item.title or item.id) for item in campaign.items]
