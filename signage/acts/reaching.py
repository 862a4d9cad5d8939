"""Before and after a takeover: how many screens it reaches, which are offline, and the receipts as they land."""

from collections.abc import Iterable

from signage.acts.act import Office
from signage.acts.carried import carried
from signage.acts.screen_conditions import SILENT
from signage.acts.selecting import read_selectors
from signage.faults import refuse
from signage.model.campaign import ref
from signage.model.takeover import Takeover
from signage.schedule import targets
from signage.schedule.live import takeover_ref
from signage.store import campaigns, landings, takeovers
from signage.store import reach as table
from signage.store.reach import Landed, Reach

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
        item = None if order.blank else order.item or takeover_ref(order.id)
        known = carried(connection, order)
        begins = landings.firsts(order.id, known.number, known.with_)
        return order, table.landed(connection, order.id, item, order.from_, begins, order.text is not None)


def newest(office: Office, limit: int = 20) -> tuple[Takeover, ...]:
    """The takeovers of late, the newest first."""
    with office.store.read() as connection:
        return tuple(reversed(takeovers.every(connection)))[:limit]


def items(office: Office) -> list[tuple[str, str]]:
    """``campaign/item`` and its words, of all that may show: what a takeover may take."""
    with office.store.read() as connection:
        return [
            (ref(campaign.id, item.id), item.text or item.title or item.id)
            for campaign in campaigns.approved(connection)
            for item in campaign.items
        ]
