"""Before and after a takeover: how many screens it reaches, which are offline, and the receipts as they land."""

from collections.abc import Iterable

from signage.faults import refuse
from signage.model.campaign import Campaign, ref
from signage.model.takeover import Takeover
from signage.schedule import targets
from signage.services.context import Office
from signage.services.screen_health import SILENT
from signage.services.selectors import read_selectors
from signage.store.campaigns import campaign_lists as campaign_desk
from signage.store.takeovers import audience as table
from signage.store.takeovers import takeovers
from signage.store.takeovers.audience import Landed, Reach

MOST_ITEMS = 200
_CAMPAIGNS = 20
__all__ = ["Landed", "Reach", "items", "newest", "reach", "receipt"]


def reach(office: Office, words: Iterable[str]) -> Reach:
    """What selectors name now. Raises Refused where one cannot be read."""
    selectors = [targets.selector(text) for text in read_selectors(words)]
    with office.store.read() as connection:
        return table.reach(connection, selectors, office.clock.now() - SILENT)


def receipt(office: Office, takeover_id: str) -> tuple[Takeover, Landed]:
    """A takeover and how it stands on its screens. Raises Refused where there is none of that id."""
    with office.store.read() as connection:
        order = takeovers.get(connection, takeover_id)
        if order is None:
            raise refuse("takeover-unknown", takeover_id, id=takeover_id[:64], running="—")
        return order, table.landed(connection, order.id)


def newest(office: Office, limit: int = 20) -> tuple[Takeover, ...]:
    """The takeovers of late, the newest first."""
    with office.store.read() as connection:
        return tuple(reversed(takeovers.every(connection)))[:limit]


def items(office: Office, search: str = "", limit: int = MOST_ITEMS) -> list[tuple[str, str]]:
    """``campaign/item`` and its words, of what may show now: the first of those that a takeover may take.

    *search*: only those in whose name or words it is.
    """
    now, wanted = office.clock.now(), search.strip().casefold()
    found: list[tuple[str, str]] = []
    with office.store.read() as connection:
        live = [
            (name, n) for name, n, head in campaign_desk.showing(connection) if head.starts_at <= now < head.ends_at
        ]
        if wanted:
            holding = campaign_desk.saying(connection, live, [word for word in wanted.split("/") if word])
            live = [(name, number) for name, number in live if name in holding]
        for start in range(0, len(live), _CAMPAIGNS):
            versions = campaign_desk.full(connection, live[start : start + _CAMPAIGNS])
            for name in sorted(versions):
                found += [one for one in _named(versions[name].campaign) if wanted in " ".join(one).casefold()]
            if len(found) >= limit:
                break
    return found[:limit]


def _named(campaign: Campaign) -> list[tuple[str, str]]:
    return [(ref(campaign.id, item.id), item.text or item.title or item.id) for item in campaign.items]
