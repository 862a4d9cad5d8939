"""Memoized loops: one cache for each panel, because the length of an item depends on the panel."""

from collections.abc import Callable, Mapping

from signage.model.panel import Panel
from signage.schedule.live_content import (
    BUILTIN_STILL_ITEM,
    LiveContent,
    LiveItem,
    LivePlacement,
    Rotation,
    parse_still_length,
)
from signage.schedule.priority import LengthByItem
from signage.schedule.rotation.loop import build_rotation

RotationBuilder = Callable[[tuple[LivePlacement, ...], int, LiveItem], Rotation]


class RotationCache:
    """The loops of the screens with one panel, each built once for equal live content.

    *lengths*: the lengths of the items on that panel. *build* obeys rules 2 to 5.
    """

    def __init__(self, lengths: LengthByItem, max_loop_ms: int, build: RotationBuilder = build_rotation) -> None:
        self.lengths = lengths
        self._max_loop_ms = max_loop_ms
        self._build = build
        self._rotations: dict[tuple[LivePlacement, ...], Rotation] = {}

    def get_rotation(self, live: LiveContent) -> Rotation | None:
        """Return the loop of *live*; None where the screen is dark by schedule."""
        if live.kind == "dark" or (live.kind == "takeover" and live.item is None):
            return None
        if live.kind in ("takeover", "still"):
            item = live.item or BUILTIN_STILL_ITEM
            return Rotation((item.name,), item.duration_ms)
        rotation = self._rotations.get(live.placements)
        if rotation is None:
            rotation = self._build(live.placements, self._max_loop_ms, BUILTIN_STILL_ITEM)
            self._rotations[live.placements] = rotation
        return rotation

    def get_entry_start_ms(self, rotation: Rotation, entry: int) -> int:
        """Return where in the loop its *entry* (from 0) begins."""
        return sum(self.get_length_ms(name) for name in rotation.entries[:entry])

    def get_length_ms(self, name: str) -> int:
        """Return the length of an item of a loop."""
        length = parse_still_length(name) or self.lengths[name]
        assert isinstance(length, int)
        return length


class RotationsByPanel:
    """The rotation caches of one snapshot, created on first use."""

    def __init__(
        self, panels: Mapping[str, Panel], get_lengths: Callable[[Panel], LengthByItem], max_loop_ms: int
    ) -> None:
        self._panels = panels
        self._get_lengths = get_lengths
        self._max_loop_ms = max_loop_ms
        self._caches: dict[str, RotationCache] = {}

    def get_cache(self, panel_id: str) -> RotationCache:
        """Return the rotation cache of the panel. Raises KeyError for an unknown panel."""
        cache = self._caches.get(panel_id)
        if cache is None:
            lengths = self._get_lengths(self._panels[panel_id])
            cache = self._caches[panel_id] = RotationCache(lengths, self._max_loop_ms)
        return cache
