"""Clips of the library: what people say of them, where they are used, and taking them out.

1. What an active campaign or a running takeover shows is not removed; the refusal says where it is used.
2. The bytes of a removed clip stay sealed for the auditor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signage.faults import refuse
from signage.library.rendition_specs import decode_spec, get_preview_kind
from signage.model.campaign import format_item_ref
from signage.model.clip_facts import ClipKind
from signage.model.takeover import Takeover
from signage.model.users import Actor
from signage.protocol.playlist import PlaylistMedia
from signage.services.context import AppContext, check_unit
from signage.services.library.details import LibraryDetails, parse_record
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.library import clip_details, clips, renditions
from signage.store.library.clip_details import ClipDetailsRow
from signage.store.library.clips import ClipRow
from signage.store.library.renditions import RenditionFailure
from signage.store.takeovers import takeovers


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip with all that is known of it. *made*, *failed*, *wanted*: its renditions; *progress*: of those at work."""

    row: ClipRow
    details: LibraryDetails
    version: int
    names: tuple[str, ...] = ()
    finished_renditions: int = 0
    failed_renditions: tuple[RenditionFailure, ...] = ()
    total_renditions: int = 0
    progress: float = 1.0

    @property
    def title(self) -> str:
        return self.details.title or self.row.name

    @property
    def kind(self) -> ClipKind:
        return self.row.facts.kind


def list_clips(context: AppContext, after: str = "", limit: int = 24, search: str = "") -> list[ClipView]:
    """A page of clips: without a search the newest, by sha256 after the first page."""
    with context.store.read() as connection:
        if search or after:
            found = clips.list_clips(connection, after, limit, search)
        else:
            found = clips.list_newest_clips(connection, limit)
        said = clip_details.get_newest_details(connection, [one.sha256 for one in found])
        return [_build_clip_view(connection, one, said.get(one.sha256)) for one in found]


def list_clips_after(context: AppContext, after: str, limit: int, search: str = "") -> list[ClipView]:
    """The next *limit* clips after the sha256 *after*."""
    with context.store.read() as connection:
        found = clips.list_clips(connection, after, limit, search)
        said = clip_details.get_newest_details(connection, [one.sha256 for one in found])
        return [_build_clip_view(connection, one, said.get(one.sha256)) for one in found]


def get_clip(context: AppContext, sha256: str) -> tuple[ClipView, list[ClipDetailsRow]]:
    """A clip and all that was said of it, the newest first. Raises Refused where there is none."""
    with context.store.read() as connection:
        kept = clips.get_clip(connection, sha256)
        if kept is None:
            raise refuse("clip-unknown", sha256[:64])
        history = clip_details.list_details_versions(connection, sha256)
        return _build_clip_view(connection, kept, history[0] if history else None), history


def list_media(context: AppContext, sha256: str) -> list[PlaylistMedia]:
    """What was made of a clip for panels, the smallest first, one for each size."""
    with context.store.read() as connection:
        rows = renditions.list_renditions_of_clip(connection, sha256)
    made = (
        row.result for row in rows if isinstance(row.result, tuple) and not get_preview_kind(decode_spec(row.recipe))
    )
    found = {(media.width, media.height): media for result in made for media in result}
    return [found[size] for size in sorted(found, key=lambda size: size[0] * size[1])]


def update_details(context: AppContext, actor: Actor, sha256: str, details: LibraryDetails, based_on: int) -> int:
    """Keep what is said of a clip; returns the version. *based_on*: the version that was changed, 0 for none."""
    with context.transaction(actor, "clip.change", sha256) as tx:
        there = clips.get_clip(tx.connection, sha256)
        if there is None:
            raise refuse("clip-unknown", sha256[:64])
        check_unit(actor, there.unit, "unit")
        history = clip_details.list_details_versions(tx.connection, sha256)
        last = history[0] if history else None
        if last is not None and last.version != based_on:
            raise refuse("slogan-overtaken", "title", who=last.who, version=last.version)
        if parse_record(last.details if last else {}) == details:
            tx.mark_unchanged()
            return based_on
        tx.add_details(details=details.to_record(), details_before=last.details if last else {})
        return clip_details.create_details_version(tx.connection, sha256, details.to_record(), tx.at, actor.id)


def delete_clip(context: AppContext, actor: Actor, sha256: str) -> None:
    """Take a clip out of the library. Raises Refused where a campaign uses it (1)."""
    with context.transaction(actor, "clip.remove", sha256) as tx:
        kept = clips.get_clip(tx.connection, sha256)
        if kept is None:
            raise refuse("clip-unknown", sha256[:64])
        check_unit(actor, kept.unit, "unit")
        running = [takeover.id for takeover in _find_takeovers(tx.connection, sha256, tx.at)]
        if running:
            raise refuse("clip-in-takeover", "clip", takeovers="、".join(running[:10]))
        where = _query_uses(tx.connection, [sha256], tx.at)[sha256]
        if where:
            raise refuse("in-use", "clip", where="、".join(where[:10]))
        tx.add_details(name=kept.name, bytes=kept.bytes)
        clips.delete_clip(tx.connection, sha256)


def find_uses(context: AppContext, clips_: Sequence[str]) -> dict[str, list[str]]:
    """sha256 → the items (``campaign/item``) of active campaigns and of running takeovers that show it."""
    with context.store.read() as connection:
        return _query_uses(connection, clips_, context.clock.now())


def _find_takeovers(connection: Connection, sha256: str, at: datetime) -> list[Takeover]:
    """List the takeovers running at *at* whose content has the clip."""
    running = takeovers.list_takeovers(connection, at)
    return [t for t in running if t.content is not None and any(item.sha256 == sha256 for item in t.content.items)]


def _query_uses(connection: Connection, wanted: Sequence[str], at: datetime) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {sha256: [] for sha256 in wanted}
    for campaign in campaigns.iter_campaigns_in_use(connection):
        for item in campaign.items:
            name = format_item_ref(campaign.id, item.id)
            if item.sha256 in found and name not in found[item.sha256]:
                found[item.sha256].append(name)
    for sha256, names in found.items():
        refs = (takeover.item for takeover in _find_takeovers(connection, sha256, at))
        names += [ref for ref in dict.fromkeys(refs) if ref is not None and ref not in names]
    return found


def _build_clip_view(connection: Connection, kept: ClipRow, said: ClipDetailsRow | None) -> ClipView:
    rows = renditions.list_renditions_of_clip(connection, kept.sha256)
    working = [row.progress for row in rows if row.state in ("waiting", "working")]
    return ClipView(
        kept,
        parse_record(said.details if said else {}),
        said.version if said else 0,
        tuple(clips.list_clip_names(connection, kept.sha256)),
        finished_renditions=sum(row.state == "done" for row in rows),
        failed_renditions=tuple(row.result for row in rows if isinstance(row.result, RenditionFailure)),
        total_renditions=len(rows),
        progress=sum(working) / len(working) if working else 1.0,
    )
