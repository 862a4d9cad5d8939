"""Groups equivalent screens: one compiled body serves a group, so that work does not grow with each screen."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from signage.model.screen import Screen
from signage.schedule.resolve import get_equivalence_key
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import get_target_index


@dataclass(frozen=True, slots=True)
class ScreenGroup:
    """Screens that show the same at every instant; *representative* is one of them."""

    key: Hashable
    representative: Screen
    screen_ids: tuple[str, ...]


class ScreenGroups:
    """All screens, grouped by their own attributes once, until screens change."""

    def __init__(self, screens: Iterable[Screen]) -> None:
        self.screens_by_id = {screen.id: screen for screen in screens}
        groups: dict[Hashable, list[str]] = {}
        for screen in self.screens_by_id.values():
            groups.setdefault((screen.selector_key, screen.schedule_key), []).append(screen.id)
        self._id_groups = list(groups.values())

    def list_groups(self, snapshot: ScheduleSnapshot) -> tuple[ScreenGroup, ...]:
        """Return the groups under *snapshot*.

        The equivalence key is computed once for a group, and once for each screen that a selector names by id.
        """
        index = get_target_index(snapshot)
        parts_by_key: dict[Hashable, list[Sequence[str]]] = {}
        for ids in self._id_groups:
            named_ids = [i for i in ids if index.may_match_by_id(i)] if index.uses_screen_ids else []
            other_ids = ids if not named_ids else [i for i in ids if not index.may_match_by_id(i)]
            for part in (other_ids, *((i,) for i in named_ids)):
                if part:
                    key = get_equivalence_key(snapshot, self.screens_by_id[part[0]])
                    parts_by_key.setdefault(key, []).append(part)
        return tuple(
            ScreenGroup(key, self.screens_by_id[parts[0][0]], tuple(i for part in parts for i in part))
            for key, parts in parts_by_key.items()
        )
