"""Takeovers: replace the content of the addressed screens until they end."""

from dataclasses import dataclass, replace
from datetime import datetime

from signage.model.campaign import Campaign

TAKEOVER_ITEM_PREFIX = "_takeover/"
"""Prefix of the item name of a takeover's own text; the takeover's id follows."""


def format_takeover_ref(takeover_id: str) -> str:
    """Return the name of a takeover's own text as an item of a playlist."""
    return TAKEOVER_ITEM_PREFIX + takeover_id


@dataclass(frozen=True, slots=True)
class Takeover:
    """A takeover with exactly one of *text*, *item* (``campaign/item``) and *blank*. Instants are UTC, whole seconds.

    *until* is the end that was requested, *stopped_at* the instant at which a person stopped it earlier. *number*
    grows with each start: of two takeovers on one screen, the one started last wins.

    *content*: what *item* was at the start (``freeze_content``); whatever happens to the campaign, the file or the clip
    afterwards, the takeover shows this. None: it shows *text* or is blank.

    *unit*: it shows on screens of this unit alone, because its duty officer may take over no others (contract, rule 9);
    None: on all that it names.
    """

    id: str
    number: int
    screens: tuple[str, ...]
    from_: datetime
    until: datetime
    who: str
    why: str
    text: str | None = None
    item: str | None = None
    blank: bool = False
    stopped_at: datetime | None = None
    content: Campaign | None = None
    unit: str | None = None

    @property
    def ends_at(self) -> datetime:
        """The instant from which the takeover is no longer active."""
        return self.until if self.stopped_at is None else max(self.from_, min(self.until, self.stopped_at))

    @property
    def item_ref(self) -> str | None:
        """The name of the playlist item that the takeover shows; None: the screen is dark."""
        return None if self.blank else self.item or format_takeover_ref(self.id)


def freeze_content(campaign: Campaign, item_id: str) -> Campaign:
    """Return *campaign* reduced to what one of its items shows: the item, the picture behind its text, the style.

    Raises KeyError if there is no such item.
    """
    item = campaign.get_item(item_id)
    behind = () if item.behind is None else (campaign.get_item(item.behind),)
    return replace(campaign, items=(item, *behind), placements=(), dayparts=())
