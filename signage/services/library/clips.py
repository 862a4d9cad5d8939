"""Clips of the library: listed, described by details, deleted.

1. A clip that an active campaign or a running takeover shows cannot be deleted; the refusal names the uses.
2. The bytes of a deleted clip stay for the auditor.
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
    """A clip with its details and names. *progress*: of its unfinished renditions, 1 where there are none."""

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
    """List a page of clips: the newest ones, by sha256 with *after* or *search*."""
    with context.store.read() as connection:
        if search or after:
            rows = clips.list_clips(connection, after, limit, search)
        else:
            rows = clips.list_newest_clips(connection, limit)
        details = clip_details.get_newest_details(connection, [row.sha256 for row in rows])
        return [_build_clip_view(connection, row, details.get(row.sha256)) for row in rows]


def list_clips_after(context: AppContext, after: str, limit: int, search: str = "") -> list[ClipView]:
    """List the next *limit* clips after the sha256 *after*."""
    with context.store.read() as connection:
        rows = clips.list_clips(connection, after, limit, search)
        details = clip_details.get_newest_details(connection, [row.sha256 for row in rows])
        return [_build_clip_view(connection, row, details.get(row.sha256)) for row in rows]


def get_clip(context: AppContext, sha256: str) -> tuple[ClipView, list[ClipDetailsRow]]:
    """Return a clip and the versions of its details, the newest first. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        clip = clips.get_clip(connection, sha256)
        if clip is None:
            raise refuse("clip-unknown", sha256[:64])
        history = clip_details.list_details_versions(connection, sha256)
        return _build_clip_view(connection, clip, history[0] if history else None), history


def list_media(context: AppContext, sha256: str) -> list[PlaylistMedia]:
    """List the renditions of a clip for panels, one for each size, the smallest first."""
    with context.store.read() as connection:
        rows = renditions.list_renditions_of_clip(connection, sha256)
    results = (
        row.result for row in rows if isinstance(row.result, tuple) and not get_preview_kind(decode_spec(row.recipe))
    )
    media_by_size = {(media.width, media.height): media for result in results for media in result}
    return [media_by_size[size] for size in sorted(media_by_size, key=lambda size: size[0] * size[1])]


def update_details(context: AppContext, actor: Actor, sha256: str, details: LibraryDetails, based_on: int) -> int:
    """Save the details of a clip; returns their version. *based_on*: the version that was edited, 0 for none.

    Raises Refused: unknown clip, another unit's, a newer version of the details exists.
    """
    with context.transaction(actor, "clip.change", sha256) as tx:
        clip = clips.get_clip(tx.connection, sha256)
        if clip is None:
            raise refuse("clip-unknown", sha256[:64])
        check_unit(actor, clip.unit, "unit")
        history = clip_details.list_details_versions(tx.connection, sha256)
        newest = history[0] if history else None
        if newest is not None and newest.version != based_on:
            raise refuse("slogan-overtaken", "title", who=newest.who, version=newest.version)
        if parse_record(newest.details if newest else {}) == details:
            tx.mark_unchanged()
            return based_on
        tx.add_details(details=details.to_record(), details_before=newest.details if newest else {})
        return clip_details.create_details_version(tx.connection, sha256, details.to_record(), tx.at, actor.id)


def delete_clip(context: AppContext, actor: Actor, sha256: str) -> None:
    """Delete a clip. Raises Refused: unknown clip, another unit's, in use (1)."""
    with context.transaction(actor, "clip.remove", sha256) as tx:
        clip = clips.get_clip(tx.connection, sha256)
        if clip is None:
            raise refuse("clip-unknown", sha256[:64])
        check_unit(actor, clip.unit, "unit")
        running = [takeover.id for takeover in _find_takeovers(tx.connection, sha256, tx.at)]
        if running:
            raise refuse("clip-in-takeover", "clip", takeovers="、".join(running[:10]))
        uses = _query_uses(tx.connection, [sha256], tx.at)[sha256]
        if uses:
            raise refuse("in-use", "clip", where="、".join(uses[:10]))
        tx.add_details(name=clip.name, bytes=clip.bytes)
        clips.delete_clip(tx.connection, sha256)


def find_uses(context: AppContext, sha256s: Sequence[str]) -> dict[str, list[str]]:
    """Return sha256 → the items (``campaign/item``) of active campaigns and running takeovers that show the clip."""
    with context.store.read() as connection:
        return _query_uses(connection, sha256s, context.clock.now())


def _find_takeovers(connection: Connection, sha256: str, at: datetime) -> list[Takeover]:
    """List the takeovers running at *at* whose content has the clip."""
    running = takeovers.list_takeovers(connection, at)
    return [t for t in running if t.content is not None and any(item.sha256 == sha256 for item in t.content.items)]


def _query_uses(connection: Connection, sha256s: Sequence[str], at: datetime) -> dict[str, list[str]]:
    uses: dict[str, list[str]] = {sha256: [] for sha256 in sha256s}
    for campaign in campaigns.iter_campaigns_in_use(connection):
        for item in campaign.items:
            name = format_item_ref(campaign.id, item.id)
            if item.sha256 in uses and name not in uses[item.sha256]:
                uses[item.sha256].append(name)
    for sha256, names in uses.items():
        refs = (takeover.item for takeover in _find_takeovers(connection, sha256, at))
        names += [ref for ref in dict.fromkeys(refs) if ref is not None and ref not in names]
    return uses


def _build_clip_view(connection: Connection, clip: ClipRow, details: ClipDetailsRow | None) -> ClipView:
    rows = renditions.list_renditions_of_clip(connection, clip.sha256)
    working = [row.progress for row in rows if row.state in ("waiting", "working")]
    return ClipView(
        clip,
        parse_record(details.details if details else {}),
        details.version if details else 0,
        tuple(clips.list_clip_names(connection, clip.sha256)),
        finished_renditions=sum(row.state == "done" for row in rows),
        failed_renditions=tuple(row.result for row in rows if isinstance(row.result, RenditionFailure)),
        total_renditions=len(rows),
        progress=sum(working) / len(working) if working else 1.0,
    )
