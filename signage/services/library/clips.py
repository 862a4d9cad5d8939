"""Clips of the library: what people say of them, where they are used, and taking them out.

1. What an active campaign uses is not removed; the refusal says where it is used.
2. The bytes of a removed clip stay sealed for the auditor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from signage.faults import refuse
from signage.model.campaign import ref
from signage.model.users import Actor
from signage.protocol.playlist import Media
from signage.services.context import Office
from signage.services.library.details import Details, of
from signage.services.units import check_unit
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.library import clip_details, clips, renditions
from signage.store.library.clip_details import Said
from signage.store.library.clips import Kept


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip with all that is known of it. *made*, *failed*, *wanted*: its renditions; *progress*: of those at work."""

    kept: Kept
    details: Details
    version: int
    names: tuple[str, ...] = ()
    made: int = 0
    failed: tuple[dict[str, Any], ...] = ()
    wanted: int = 0
    progress: float = 1.0

    @property
    def title(self) -> str:
        return self.details.title or self.kept.name

    @property
    def kind(self) -> str:
        return str(self.kept.facts.get("kind", ""))


def page(office: Office, after: str = "", limit: int = 24, search: str = "") -> list[Clip]:
    """A page of clips: without a search the newest, by sha256 after the first page."""
    with office.store.read() as connection:
        if search or after:
            found = clips.page(connection, after, limit, search)
        else:
            found = clips.newest(connection, limit)
        said = clip_details.newest(connection, [one.sha256 for one in found])
        return [_clip(connection, one, said.get(one.sha256)) for one in found]


def in_order(office: Office, after: str, limit: int, search: str = "") -> list[Clip]:
    """The next *limit* clips after the sha256 *after*."""
    with office.store.read() as connection:
        found = clips.page(connection, after, limit, search)
        said = clip_details.newest(connection, [one.sha256 for one in found])
        return [_clip(connection, one, said.get(one.sha256)) for one in found]


def get(office: Office, sha256: str) -> tuple[Clip, list[Said]]:
    """A clip and all that was said of it, the newest first. Raises Refused where there is none."""
    with office.store.read() as connection:
        kept = clips.get(connection, sha256)
        if kept is None:
            raise refuse("clip-unknown", sha256[:64])
        history = clip_details.history(connection, sha256)
        return _clip(connection, kept, history[0] if history else None), history


def media(office: Office, sha256: str) -> list[Media]:
    """What was made of a clip for panels, the smallest first, one for each size."""
    with office.store.read() as connection:
        rows = renditions.of_clip(connection, sha256)
    made = [row for row in rows if row.state == "done" and not row.recipe.get("facts", {}).get("thumbnail")]
    found = {(one.width, one.height): one for row in made for one in msgspec.convert(row.result, tuple[Media, ...])}
    return [found[size] for size in sorted(found, key=lambda size: size[0] * size[1])]


def describe(office: Office, actor: Actor, sha256: str, details: Details, based_on: int) -> int:
    """Keep what is said of a clip; returns the version. *based_on*: the version that was changed, 0 for none."""
    with office.act(actor, "clip.change", sha256) as tx:
        there = clips.get(tx.connection, sha256)
        if there is None:
            raise refuse("clip-unknown", sha256[:64])
        check_unit(actor, there.unit, "unit")
        history = clip_details.history(tx.connection, sha256)
        last = history[0] if history else None
        if last is not None and last.version != based_on:
            raise refuse("slogan-overtaken", "title", who=last.who, version=last.version)
        if of(last.details if last else {}) == details:
            tx.unchanged()
            return based_on
        tx.note(details=details.kept(), details_before=last.details if last else {})
        return clip_details.put(tx.connection, sha256, details.kept(), tx.at, actor.id)


def remove(office: Office, actor: Actor, sha256: str) -> None:
    """Take a clip out of the library. Raises Refused where a campaign uses it (1)."""
    with office.act(actor, "clip.remove", sha256) as tx:
        kept = clips.get(tx.connection, sha256)
        if kept is None:
            raise refuse("clip-unknown", sha256[:64])
        check_unit(actor, kept.unit, "unit")
        where = _uses(tx.connection, [sha256])[sha256]
        if where:
            raise refuse("in-use", "clip", where="、".join(where[:10]))
        tx.note(name=kept.name, bytes=kept.bytes)
        clips.remove(tx.connection, sha256)


def where_used(office: Office, clips_: Sequence[str]) -> dict[str, list[str]]:
    """sha256 → the items (``campaign/item``) of active campaigns that show it."""
    with office.store.read() as connection:
        return _uses(connection, clips_)


def _uses(connection: Connection, wanted: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {sha256: [] for sha256 in wanted}
    for campaign in campaigns.in_use(connection):
        for item in campaign.items:
            name = ref(campaign.id, item.id)
            if item.sha256 in found and name not in found[item.sha256]:
                found[item.sha256].append(name)
    return found


def _clip(connection: Connection, kept: Kept, said: Said | None) -> Clip:
    rows = renditions.of_clip(connection, kept.sha256)
    working = [row.progress for row in rows if row.state in ("waiting", "working")]
    return Clip(
        kept,
        of(said.details if said else {}),
        said.version if said else 0,
        tuple(clips.names_of(connection, kept.sha256)),
        made=sum(row.state == "done" for row in rows),
        failed=tuple(row.result for row in rows if row.state == "failed"),
        wanted=len(rows),
        progress=sum(working) / len(working) if working else 1.0,
    )
