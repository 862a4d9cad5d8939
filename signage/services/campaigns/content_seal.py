"""What a campaign shows, each thing by a sha256: a clip's bytes, a slogan's text with its look and time."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import msgspec

from signage.library.style_merge import merge_styles
from signage.model.campaign import Campaign


@dataclass(frozen=True, slots=True)
class ItemHash:
    """One item by what it is."""

    item: str
    kind: Literal["slogan", "clip"]
    sha256: str


def compute_item_hashes(campaign: Campaign) -> tuple[ItemHash, ...]:
    """All items of *campaign*, in its order."""
    found = []
    for item in campaign.items:
        if item.text is None:
            found.append(ItemHash(item.id, "clip", item.sha256 or ""))
        else:
            look = merge_styles(item.look, campaign.look)
            said = msgspec.json.encode((item.text, look, item.duration_ms))
            found.append(ItemHash(item.id, "slogan", hashlib.sha256(said).hexdigest()))
    return tuple(found)


def compute_content_seal(campaign: Campaign) -> str:
    """One sha256 over all that *campaign* shows."""
    lines = "".join(f"{one.item} {one.sha256}\n" for one in compute_item_hashes(campaign))
    return hashlib.sha256(lines.encode()).hexdigest()
