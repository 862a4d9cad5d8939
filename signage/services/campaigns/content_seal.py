"""Content hashes of a campaign: the bytes of each clip, the text of each slogan with its style and duration."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import msgspec

from signage.library.style_merge import merge_styles
from signage.model.campaign import Campaign


@dataclass(frozen=True, slots=True)
class ItemHash:
    """The hash of one item's content."""

    item: str
    kind: Literal["slogan", "clip"]
    sha256: str


def compute_item_hashes(campaign: Campaign) -> tuple[ItemHash, ...]:
    """Return the hashes of all items of *campaign*, in order."""
    hashes = []
    for item in campaign.items:
        if item.text is None:
            hashes.append(ItemHash(item.id, "clip", item.sha256 or ""))
        else:
            style = merge_styles(item.look, campaign.look)
            content = msgspec.json.encode((item.text, style, item.duration_ms))
            hashes.append(ItemHash(item.id, "slogan", hashlib.sha256(content).hexdigest()))
    return tuple(hashes)


def compute_content_seal(campaign: Campaign) -> str:
    """Return one sha256 over the content of all items of *campaign*."""
    lines = "".join(f"{item.item} {item.sha256}\n" for item in compute_item_hashes(campaign))
    return hashlib.sha256(lines.encode()).hexdigest()
