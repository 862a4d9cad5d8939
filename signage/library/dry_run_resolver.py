"""Lengths on paper: as they will be once everything is made. For questions; documents need what is there."""

from signage.faults import Fault
from signage.library.item_resolver import ItemResolver
from signage.model.panel import Panel


class DryRunResolver(ItemResolver):
    """Contents in which a clip counts as made wherever it can be made; nothing is ordered."""

    def _get_length(self, name: str, panel: Panel) -> int | Fault:
        if name in self._texts:
            return super()._get_length(name, panel)
        campaign, item = self._items[name]
        return self._catalog.get_length(campaign, item, panel)
