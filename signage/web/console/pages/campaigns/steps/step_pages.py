"""What each step's page shows, beside the fields of the form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from signage.faults import Fault, FaultLocation, Refused
from signage.model.campaign import Campaign
from signage.services.campaigns import first_minutes
from signage.services.campaigns.concurrency import Concurrency, find_concurrency
from signage.services.campaigns.first_minutes import KindPreview
from signage.services.library import clips as clip_library
from signage.services.library.clips import ClipView
from signage.services.screens import overview as screen_overviews
from signage.services.takeovers.audience import get_audience
from signage.web import now_playing
from signage.web.console.framework.forms import format_location
from signage.web.console.framework.toolkit import Form, get_request_context
from signage.web.console.pages.campaigns import campaign_form
from signage.web.console.pages.campaigns.campaigns import list_findings
from signage.web.console.pages.campaigns.steps import audience, content, editor_state, plain_words, timing
from signage.web.console.pages.campaigns.steps.editor_state import EditorState
from signage.web.console.pages.library.slogans import list_panels_in_use

CLIPS_PER_PAGE = 12
SCREENS_PER_PAGE = 24
MAX_CHOSEN_SCREENS = 500


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A row of the list of items. *clip* None: a slogan, or a clip that is gone."""

    number: int
    is_slogan: bool
    clip: ClipView | None

    @property
    def has_seconds(self) -> bool:
        """A film has the length of its pictures, and no field for seconds."""
        return self.clip is None or self.clip.kind != "film"


def build_content_page(state: EditorState) -> dict[str, Any]:
    """Return the items and the clips to choose from."""
    context, search = get_request_context(), request.args.get("find", "").strip()
    rows = campaign_form.list_rows(state.values, "item")
    items = [
        ItemRow(number, not row.get("sha256"), find_clip(row.get("sha256", ""))) for number, row in enumerate(rows, 1)
    ]
    chosen = {row["sha256"] for row in rows if row.get("sha256")}
    return {
        "items": items,
        "clips": clip_library.list_clips(context.app, "", CLIPS_PER_PAGE, search),
        "chosen_clips": chosen,
        "removed": content.get_removed_item(state.values),
        "panels": list_panels_in_use(),
        "find": search,
        "most_mb": context.library.config.max_mb,
    }


def find_clip(sha256: str) -> ClipView | None:
    """Return a clip of the library; None where there is none."""
    try:
        return clip_library.get_clip(get_request_context().app, sha256)[0] if sha256 else None
    except Refused:
        return None


def build_where_page(state: EditorState) -> dict[str, Any]:
    """Return the kinds, groups, units and screens to choose from, and what the choice reaches."""
    context, search = get_request_context(), request.args.get("find", "").strip()
    chosen = audience.parse_audience(state.values)
    chosen_ids = [word.removeprefix("screen:") for word in chosen or () if word.startswith("screen:")]
    found = screen_overviews.list_screens(
        context.app, screen_overviews.build_filter(context.app, search=search.lower()), limit=SCREENS_PER_PAGE
    )
    chosen_screens = screen_overviews.get_screens(context.app, chosen_ids[:MAX_CHOSEN_SCREENS])
    return {
        "chosen": chosen,
        "labels": screen_overviews.list_labels(context.app),
        "screens": [*chosen_screens, *(screen for screen in found if screen.id not in chosen_ids)],
        "find": search,
        "words": screen_overviews.list_labels(context.app),
        "placement_count": campaign_form.count_rows(state.values, "placement"),
        **_build_reach(editor_state.build_provisional_campaign(state)),
    }


def _build_reach(campaign: Campaign | None) -> dict[str, Any]:
    context = get_request_context()
    selectors = [word for placement in campaign.placements for word in placement.screens] if campaign else []
    is_union = campaign is not None and (len(campaign.placements) == 1 or not any(w.startswith("!") for w in selectors))
    reach = get_audience(context.app, selectors) if selectors and is_union else None
    return {"reach": reach, "concurrency": _find_concurrency(campaign)}


def _find_concurrency(campaign: Campaign | None) -> Concurrency:
    context = get_request_context()
    return find_concurrency(context.app, context.schedule_rules, campaign) if campaign else Concurrency()


def build_when_page(state: EditorState) -> dict[str, Any]:
    """Return days and slots, and the month with what else shows."""
    context = get_request_context()
    campaign = editor_state.build_provisional_campaign(state)
    concurrency = _find_concurrency(campaign)
    shown = timing.parse_timing(state.values)
    calendars = context.schedule_rules.calendars
    return {
        "timing": shown,
        "bars": plain_words.list_slot_bars(shown.slots) if shown else [],
        "day_fields": timing.get_day_fields(state.values),
        "presets": timing.SLOT_PRESETS,
        "strip": plain_words.build_month_strip(campaign, concurrency.campaigns, calendars) if campaign else None,
        "concurrency": concurrency,
        "daypart_count": campaign_form.count_rows(state.values, "daypart"),
    }


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A kind's preview with the segments for the miniature."""

    preview: KindPreview
    segments: list[dict[str, Any]]


def build_review_page(state: EditorState, form: Form) -> dict[str, Any]:
    """Return the whole campaign: its first minutes by kind, its airtime, warnings and what is still missing."""
    context = get_request_context()
    campaign, _, faults = editor_state.examine_state(state)
    words = {"timing": timing.parse_timing(state.values), "day_fields": timing.get_day_fields(state.values)}
    known = {(fault.code, fault.location.key) for fault in form.faults}
    form.faults += [fault for fault in faults if (fault.code, fault.location.key) not in known]
    if campaign is None:
        provisional = editor_state.build_provisional_campaign(state)
        return {"campaign": None, "previews": [], "findings": [], **words, **_build_reach(provisional)}
    previews = first_minutes.list_kind_previews(
        context.app, context.schedule_rules, context.library.create_forecast_resolver, campaign
    )
    _request_renditions(campaign, previews)
    return {
        "campaign": campaign,
        "previews": [PreviewView(preview, _list_segments(preview)) for preview in previews],
        "findings": list_findings(campaign),
        **words,
        **_build_reach(campaign),
    }


def _request_renditions(campaign: Campaign, previews: list[KindPreview]) -> None:
    catalog = get_request_context().library.catalog
    for preview in previews:
        for segment in preview.segments:
            item = next((item for item in campaign.items if segment.name == f"{campaign.id}/{item.id}"), None)
            if segment.item is None and item is not None:
                catalog.request_rendition(campaign, item, preview.panel)


def _list_segments(preview: KindPreview) -> list[dict[str, Any]]:
    return [
        {
            "from": segment.from_ms,
            "until": segment.until_ms,
            **(now_playing.build_media(segment.item) if segment.item else {"label": segment.name.partition("/")[2]}),
        }
        for segment in preview.segments
    ]


def rename_faults(faults: Iterable[Fault], names: Mapping[str, str]) -> list[Fault]:
    """Move faults to the fields that stand for those of the campaign form."""
    return [
        Fault(fault.level, fault.code, replace(fault.location, key=names[fault.location.key]), fault.facts)
        if fault.location.key in names
        else fault
        for fault in faults
    ]


LABELS = {"new_text": "text", "first_day": "from", "last_day": "until"}


def list_differences(mine: EditorState, theirs: EditorState) -> list[tuple[str, str, str]]:
    """List the fields that differ: label, their value, mine."""
    names = [*dict.fromkeys((*theirs.values, *mine.values))]
    return [
        (
            format_location(Fault("error", "", FaultLocation(key=LABELS.get(name, name)))),
            theirs.values.get(name, ""),
            mine.values.get(name, ""),
        )
        for name in names
        if theirs.values.get(name, "") != mine.values.get(name, "") and name != content.REMOVED_ROW
    ]
