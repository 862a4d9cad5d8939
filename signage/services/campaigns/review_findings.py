"""What reviewers are told of a campaign before they judge it: warnings, never refusals.

1. Legibility on the panels that will show it, days that no calendar knows, dayparts that never hold.
2. Words of commerce, from a list that the office edits.
3. Clips without a source; clips and slogans of the library whose validity does not cover the window.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from signage.faults import Fault, FaultLocation
from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.toml.findings import format_key
from signage.services.campaigns.checks import CheckContext, check_campaign
from signage.services.campaigns.commercial_words import list_commercial_words
from signage.services.context import AppContext
from signage.store.engine import Connection
from signage.store.library import clip_details, clips, slogans


def list_findings(office: AppContext, campaign: Campaign, around: CheckContext) -> tuple[Fault, ...]:
    """All that is to be said of *campaign*; each at its key."""
    found = [
        Fault(one.level, one.code, FaultLocation(key=format_key(one.path)), one.facts)
        for one in check_campaign(campaign, around)
    ]
    listed = list_commercial_words(office)
    with office.store.read() as connection:
        found += _check_items(connection, campaign, listed)
    return tuple(found)


def _check_items(connection: Connection, campaign: Campaign, listed: Sequence[str]) -> Iterator[Fault]:
    known = clip_details.get_newest_details(connection, [item.sha256 for item in campaign.items if item.sha256])
    kept = slogans.find_slogans_by_text(connection, [item.text for item in campaign.items if item.text])
    head = " ".join(text for text in (campaign.title, campaign.theme) if text)
    yield from _check_commercial_words("title", head, listed)
    for number, item in enumerate(campaign.items, 1):
        yield from _check_commercial_words(f"item[{number}].text", item.text or item.title or "", listed)
        said: Mapping[str, Any] = {}
        if item.sha256:
            said = known[item.sha256].details if item.sha256 in known else {}
            yield from _check_clip(connection, f"item[{number}].source", item, said)
        elif item.text in kept:
            said = kept[item.text].details
        yield from _check_validity(f"item[{number}]", campaign, item, said)


def _check_commercial_words(key: str, text: str, listed: Sequence[str]) -> Iterator[Fault]:
    folded = text.casefold()
    for word in listed:
        if word.casefold() in folded:
            yield Fault("warning", "review-commercial", FaultLocation(key=key), {"word": word})


def _check_clip(connection: Connection, key: str, item: Item, said: Mapping[str, Any]) -> Iterator[Fault]:
    if clips.get_clip(connection, item.sha256 or "") is None:
        yield Fault("warning", "review-clip-gone", FaultLocation(key=key))
    if not item.source and not said.get("source"):
        yield Fault("warning", "review-source-missing", FaultLocation(key=key))


def _check_validity(key: str, campaign: Campaign, item: Item, said: Mapping[str, Any]) -> Iterator[Fault]:
    begin, end = (at.astimezone(campaign.zone).date() for at in campaign.get_item_window(item))
    first = date.fromisoformat(said["from"]) if said.get("from") else None
    last = date.fromisoformat(said["until"]) if said.get("until") else None
    if (first and begin < first) or (last and end > last):
        facts = {"begin": first or "…", "end": last or "…"}
        yield Fault("warning", "review-validity", FaultLocation(key=key), facts)
