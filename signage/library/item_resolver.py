"""What the library knows of one installation's items, as publishing asks for it: lengths and items by their names."""

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
    """The items of *installation* (its campaigns', its takeovers' own texts, the still) on any panel.

    A clip that is not made yet for a panel counts as one that cannot be shown there now, and is ordered.
    """

    def __init__(self, catalogue: RenditionCatalog, installation: ScheduleSnapshot) -> None:
        self._catalog = catalogue
        self._items: dict[str, tuple[Campaign, Item]] = {
            format_item_ref(campaign.id, item.id): (campaign, item)
            for campaign in installation.campaigns
            for item in campaign.items
        }
        self._texts = {format_takeover_ref(t.id): t.text for t in installation.takeovers if t.text is not None}
        self._lengths: dict[str, ItemLengths] = {}

    def get_lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        """Item name → its length in ms on *panel*, or why it does not show there now; found when it is asked for."""
        if panel.id not in self._lengths:
            self._lengths[panel.id] = ItemLengths(
                (*self._items, *self._texts), lambda name: self._get_length(name, panel)
            )
        return self._lengths[panel.id]

    def _get_length(self, name: str, panel: Panel) -> int | Fault:
        if name in self._texts:
            return self._catalog.get_text_length(self._texts[name], self._catalog.default_style, panel)
        campaign, item = self._items[name]
        length = self._catalog.get_length(campaign, item, panel)
        if isinstance(length, Fault) or (item.text is not None and item.behind is None):
            return length
        if self._catalog.find_rendition(campaign, item, panel) is None:
            self._catalog.request_rendition(campaign, item, panel)
            return Fault("warning", "clip-not-made", facts={"item": name, "panel": panel.id})
        return length

    def get_item(self, name: str, panel: Panel) -> wire.PlaylistItem:
        """The document's item of that name. KeyError where there is none that can be shown."""
        length = parse_still_length(name)
        if length is not None:
            return self._catalog.get_or_create_fallback(panel, length)
        if name in self._texts:
            return self._catalog.get_or_create_slogan(self._texts[name], self._catalog.default_style, panel)
        campaign, item = self._items[name]
        found = self._catalog.find_rendition(campaign, item, panel)
        if found is None:
            raise KeyError(name)
        return found


class ItemLengths(Mapping[str, int | Fault]):
    """Lengths by name, each found at its first use: what no screen shows is not looked for."""

    def __init__(self, names: Iterable[str], find: Callable[[str], int | Fault]) -> None:
        self._names = dict.fromkeys(names)
        self._find = find
        self._known_lengths: dict[str, int | Fault] = {}

    def __getitem__(self, name: str) -> int | Fault:
        if name not in self._known_lengths:
            if name not in self._names:
                raise KeyError(name)
            self._known_lengths[name] = self._find(name)
        return self._known_lengths[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
