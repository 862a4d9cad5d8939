"""Screens that are alike share one compiled body, so that the work grows with what differs and not with the fleet."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from signage.model.screen import Screen
from signage.schedule.operating_hours import asks_the_sun
from signage.schedule.resolve import alike, target_index
from signage.schedule.snapshot import Installation


@dataclass(frozen=True, slots=True)
class Group:
    """Screens on which the same shows at every instant. *screen* stands for all of them."""

    key: Hashable
    screen: Screen
    members: tuple[str, ...]


class Fleet:
    """All screens, gathered by what is known of them; the gathering is done anew only when screens change."""

    def __init__(self, screens: Iterable[Screen]) -> None:
        self.by_id = {screen.id: screen for screen in screens}
        gathered: dict[Hashable, list[str]] = {}
        for screen in self.by_id.values():
            gathered.setdefault(_facts(screen), []).append(screen.id)
        self._gathered = list(gathered.values())

    def groups(self, installation: Installation) -> tuple[Group, ...]:
        """The groups under *installation*: screens that no selector names by id are asked once for all alike."""
        index = target_index(installation)
        named = index.names_by_id
        found: dict[Hashable, list[Sequence[str]]] = {}
        for ids in self._gathered:
            own = [i for i in ids if named(i)] if index.asks_ids else []
            rest = ids if not own else [i for i in ids if not named(i)]
            if rest:
                found.setdefault(alike(installation, self.by_id[rest[0]]), []).append(rest)
            for one in own:
                found.setdefault(alike(installation, self.by_id[one]), []).append((one,))
        return tuple(
            Group(key, self.by_id[parts[0][0]], tuple(i for part in parts for i in part))
            for key, parts in found.items()
        )


def _facts(screen: Screen) -> Hashable:
    sun = screen.position if asks_the_sun(screen) else None
    return (
        screen.kind,
        screen.panel,
        screen.timezone,
        screen.groups,
        screen.tags,
        screen.unit,
        screen.hours,
        screen.brightness,
        sun,
        screen.default_campaign,
    )
