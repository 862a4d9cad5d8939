"""What reviewers are told of a campaign before they judge it: warnings, never refusals.

1. Legibility on the panels that will show it, days that no calendar knows, dayparts that never hold.
2. Words of commerce, from a list that the office edits.
3. Clips without a source; clips and slogans of the library whose validity does not cover the window.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from signage.faults import Fault, FaultLocation, Refused
from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.toml.findings import ellipsize, format_key
from signage.model.users import Actor
from signage.services.campaigns.checks import CheckContext, check_campaign
from signage.services.context import AppContext
from signage.store.campaigns import commercial_words as wording
from signage.store.engine import Connection
from signage.store.library import clip_details, clips, slogans

DEFAULT_COMMERCIAL_WORDS = (
    "优惠", "打折", "折扣", "促销", "特价", "秒杀", "抢购", "限时", "包邮", "赠品", "买一送一",
    "返现", "优惠券", "代金券", "红包", "加盟", "招商", "代理商", "旗舰店", "专卖店", "官方网店", "购买",
    "订购", "下单", "咨询热线", "售价", "元起", "赞助", "冠名", "独家", "品牌", "首选", "第一品牌",
    "最佳", "最优惠", "国家级", "销量", "热销", "新品上市", "sale", "discount", "buy now",
)  # fmt: skip
"""The list where the office has made none of its own."""
_MAX_WORD_CHARS = 64


def list_commercial_words(office: AppContext) -> tuple[str, ...]:
    """The list of commercial wording."""
    with office.store.read() as connection:
        return wording.list_words(connection) or DEFAULT_COMMERCIAL_WORDS


def set_commercial_words(office: AppContext, actor: Actor, listed: Iterable[str]) -> None:
    """Put *listed* in place of the list; none: the list that ships. Raises Refused."""
    wanted = tuple(dict.fromkeys(word.strip() for word in listed if word.strip()))
    wrong = [word for word in wanted if len(word) > _MAX_WORD_CHARS or not word.isprintable()]
    with office.transaction(actor, "wording.set", "wording", words=wanted) as tx:
        if wrong:
            raise Refused(
                [Fault("error", "word-forbidden", FaultLocation(key="words"), {"word": ellipsize(w)}) for w in wrong]
            )
        before, after = (
            wording.list_words(tx.connection) or DEFAULT_COMMERCIAL_WORDS,
            wanted or DEFAULT_COMMERCIAL_WORDS,
        )
        tx.add_details(
            taken_out=[word for word in before if word not in after],
            put_in=[word for word in after if word not in before],
        )
        wording.replace_words(tx.connection, wanted, tx.at, actor.id)


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
