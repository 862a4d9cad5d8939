"""Screens that are alike share one compiled body, so that the work grows with what differs and not with the fleet."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from signage.model.screen import Screen
from signage.schedule.resolve import get_equivalence_key
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.targets import get_target_index


@dataclass(frozen=True, slots=True)
class ScreenGroup:
    """Screens on which the same shows at every instant. *screen* stands for all of them."""

    key: Hashable
    representative: Screen
    screen_ids: tuple[str, ...]


class ScreenGroups:
    """All screens, gathered by what is known of them; the gathering is done anew only when screens change."""

    def __init__(self, screens: Iterable[Screen]) -> None:
        self.screens_by_id = {screen.id: screen for screen in screens}
        gathered: dict[Hashable, list[str]] = {}
        for screen in self.screens_by_id.values():
            gathered.setdefault((screen.selector_key, screen.schedule_key), []).append(screen.id)
        self._id_groups = list(gathered.values())

    def list_groups(self, installation: ScheduleSnapshot) -> tuple[ScreenGroup, ...]:
        """The groups under *installation*: screens that no selector names by id are asked once for all alike."""
        index = get_target_index(installation)
        named = index.may_match_by_id
        found: dict[Hashable, list[Sequence[str]]] = {}
        for ids in self._id_groups:
            own = [i for i in ids if named(i)] if index.uses_screen_ids else []
            rest = ids if not own else [i for i in ids if not named(i)]
            if rest:
                found.setdefault(get_equivalence_key(installation, self.screens_by_id[rest[0]]), []).append(rest)
            for one in own:
                found.setdefault(get_equivalence_key(installation, self.screens_by_id[one]), []).append((one,))
        return tuple(
            ScreenGroup(key, self.screens_by_id[parts[0][0]], tuple(i for part in parts for i in part))
            for key, parts in found.items()
        )
