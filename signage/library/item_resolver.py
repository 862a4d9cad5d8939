"""Resolves the item names of one schedule snapshot to lengths and playlist items."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from signage.faults import Fault
from signage.library.catalog import RenditionCatalog
from signage.model.campaign import Campaign, format_item_ref
from signage.model.item import Item
from signage.model.panel import Panel
from signage.model.takeover import format_takeover_ref
from signage.protocol import playlist as wire
from signage.schedule.live_content import parse_still_length
from signage.schedule.snapshot import ScheduleSnapshot


class ItemResolver:
    """The items of *snapshot* on any panel: campaign items, the texts of takeovers and the fallback picture.

    A clip that is not converted for a panel counts as one that cannot be shown there, with the fault ``clip-not-made``.
    With *assume_made* it has the length that it will have: for forecasts, which need no media.
    """

    def __init__(self, catalog: RenditionCatalog, snapshot: ScheduleSnapshot, *, assume_made: bool = False) -> None:
        self._catalog = catalog
        self._assume_made = assume_made
        self._items: dict[str, tuple[Campaign, Item]] = {
            format_item_ref(campaign.id, item.id): (campaign, item)
            for campaign in snapshot.campaigns
            for item in campaign.items
        }
        for takeover in snapshot.takeovers:  # frozen content; the snapshot's names are unambiguous
            if takeover.content is not None and takeover.item_ref is not None:
                self._items.setdefault(takeover.item_ref, (takeover.content, takeover.content.items[0]))
        self._texts = {
            format_takeover_ref(takeover.id): takeover.text
            for takeover in snapshot.takeovers
            if takeover.text is not None
        }
        self._lengths: dict[str, ItemLengths] = {}
        self._missing: dict[tuple[str, str], Panel] = {}

    def get_lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        """Return item name → length in ms on *panel*, or why the item cannot be shown there. Changes nothing."""
        if panel.id not in self._lengths:
            self._lengths[panel.id] = ItemLengths(
                (*self._items, *self._texts), lambda name: self._get_length(name, panel)
            )
        return self._lengths[panel.id]

    def request_missing(self) -> None:
        """Order the clips whose lengths were looked up and which are not converted yet (after planning)."""
        for (name, _), panel in self._missing.items():
            self._catalog.request_rendition(*self._items[name], panel)
        self._missing.clear()

    def _get_length(self, name: str, panel: Panel) -> int | Fault:
        if name in self._texts:
            return self._catalog.get_text_length(self._texts[name], self._catalog.default_style, panel)
        campaign, item = self._items[name]
        length = self._catalog.get_length(campaign, item, panel)
        if isinstance(length, Fault) or self._assume_made or self._catalog.is_clip_made(campaign, item, panel):
            return length
        self._missing[name, panel.id] = panel
        return Fault("warning", "clip-not-made", facts={"item": name, "panel": panel.id})

    def get_item(self, name: str, panel: Panel) -> wire.PlaylistItem:
        """Return the playlist item of that name; a slogan is drawn if needed. Raises KeyError: it cannot be shown."""
        still_length_ms = parse_still_length(name)
        if still_length_ms is not None:
            return self._catalog.get_or_create_fallback(panel, still_length_ms)
        if name in self._texts:
            return self._catalog.get_or_create_slogan(self._texts[name], self._catalog.default_style, panel)
        item = self._catalog.get_or_create_item(*self._items[name], panel)
        if item is None:
            raise KeyError(name)
        return item


class ItemLengths(Mapping[str, int | Fault]):
    """Lengths by item name, each computed at its first use: items that no screen shows are not looked up."""

    def __init__(self, names: Iterable[str], compute: Callable[[str], int | Fault]) -> None:
        self._names = dict.fromkeys(names)
        self._compute = compute
        self._known_lengths: dict[str, int | Fault] = {}

    def __getitem__(self, name: str) -> int | Fault:
        if name not in self._known_lengths:
            if name not in self._names:
                raise KeyError(name)
            self._known_lengths[name] = self._compute(name)
        return self._known_lengths[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
