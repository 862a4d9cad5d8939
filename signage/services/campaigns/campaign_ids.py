"""Makes the id of a new campaign from its title: pinyin, the day it begins, and a number where that is taken."""

import re
import unicodedata
from datetime import date

from signage.services.context import AppContext
from signage.store.campaigns import campaigns

_MAX_STEM = 40
_NOT_ID = re.compile(r"[^a-z0-9]+")


def create_campaign_id(context: AppContext, title: str, begins_on: date | None) -> str:
    """Return an unused id for a campaign called *title*: ``wenmingchengshi-2026-03-15``."""
    stem = "-".join(part for part in (transliterate(title), begins_on.isoformat() if begins_on else "") if part)
    stem = stem or "campaign"
    number, campaign_id = 1, stem
    with context.store.read() as connection:
        while campaigns.get_campaign(connection, campaign_id) is not None:
            number += 1
            campaign_id = f"{stem}-{number}"
    return campaign_id


def transliterate(title: str) -> str:
    """Return *title* in the letters of an id, Chinese as pinyin; empty where nothing of it can be written so."""
    from pypinyin import lazy_pinyin  # loads a dictionary of some MB

    words: list[str] = []
    for run in re.findall(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+", title):
        text = "".join(lazy_pinyin(run)) if "\u3400" <= run[0] <= "\u9fff" else run
        plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
        words += [word for word in _NOT_ID.split(plain) if word]
    stem = "-".join(words)
    return stem if len(stem) <= _MAX_STEM else stem[:_MAX_STEM].strip("-")
