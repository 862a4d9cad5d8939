"""Warnings for reviewers of a campaign; they refuse nothing.

1. The warnings of ``checks``: legibility on its panels, unknown calendars, dayparts that are never active.
2. Commercial words, from a list that approvers edit.
3. Clips without a source; clips and slogans of the library that are not valid during the whole campaign.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from signage.faults import Fault, FaultLocation
from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.toml.findings import format_key
from signage.services.campaigns.checks import CheckContext, check_campaign
from signage.services.campaigns.commercial_words import list_commercial_words
from signage.services.context import AppContext
from signage.services.library.details import LibraryDetails, parse_record
from signage.store.engine import Connection
from signage.store.library import clip_details, clips, slogans


def list_findings(context: AppContext, campaign: Campaign, check_context: CheckContext) -> tuple[Fault, ...]:
    """List all warnings about *campaign*, each at its key."""
    faults = [
        Fault(finding.level, finding.code, FaultLocation(key=format_key(finding.path)), finding.facts)
        for finding in check_campaign(campaign, check_context)
    ]
    words = list_commercial_words(context)
    with context.store.read() as connection:
        faults += _check_items(connection, campaign, words)
    return tuple(faults)


def _check_items(connection: Connection, campaign: Campaign, words: Sequence[str]) -> Iterator[Fault]:
    clip_rows = clip_details.get_newest_details(connection, [item.sha256 for item in campaign.items if item.sha256])
    slogan_rows = slogans.find_slogans_by_text(connection, [item.text for item in campaign.items if item.text])
    heading = " ".join(text for text in (campaign.title, campaign.theme) if text)
    yield from _check_commercial_words("title", heading, words)
    for number, item in enumerate(campaign.items, 1):
        yield from _check_commercial_words(f"item[{number}].text", item.text or item.title or "", words)
        row = clip_rows.get(item.sha256) if item.sha256 else slogan_rows.get(item.text or "")
        details = parse_record(row.details if row else {})
        if item.sha256:
            yield from _check_clip(connection, f"item[{number}].source", item, details)
        yield from _check_validity(f"item[{number}]", campaign, item, details)


def _check_commercial_words(key: str, text: str, words: Sequence[str]) -> Iterator[Fault]:
    folded = text.casefold()
    for word in words:
        if word.casefold() in folded:
            yield Fault("warning", "review-commercial", FaultLocation(key=key), {"word": word})


def _check_clip(connection: Connection, key: str, item: Item, details: LibraryDetails) -> Iterator[Fault]:
    if clips.get_clip(connection, item.sha256 or "") is None:
        yield Fault("warning", "review-clip-gone", FaultLocation(key=key))
    if not item.source and not details.source:
        yield Fault("warning", "review-source-missing", FaultLocation(key=key))


def _check_validity(key: str, campaign: Campaign, item: Item, details: LibraryDetails) -> Iterator[Fault]:
    begin, end = (at.astimezone(campaign.zone).date() for at in campaign.get_item_window(item))
    first = date.fromisoformat(details.from_) if details.from_ else None
    last = date.fromisoformat(details.until) if details.until else None
    if (first and begin < first) or (last and end > last):
        facts = {"begin": first or "…", "end": last or "…"}
        yield Fault("warning", "review-validity", FaultLocation(key=key), facts)
