"""What reviewers are told of a campaign before they judge it: warnings, never refusals.

1. Legibility on the panels that will show it, days that no calendar knows, dayparts that never hold.
2. Words of commerce, from a list that the office edits.
3. Clips without a source; clips and slogans of the library whose validity does not cover the window.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from signage.faults import Fault, Place, Refused
from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.toml.findings import key_of, short
from signage.model.users import Actor
from signage.services.campaigns.checks import Surroundings, look_over
from signage.services.context import Office
from signage.store.campaigns import commercial_words as wording
from signage.store.engine import Connection
from signage.store.library import clip_details, clips, slogans

COMMERCIAL = (
    "优惠", "打折", "折扣", "促销", "特价", "秒杀", "抢购", "限时", "包邮", "赠品", "买一送一",
    "返现", "优惠券", "代金券", "红包", "加盟", "招商", "代理商", "旗舰店", "专卖店", "官方网店", "购买",
    "订购", "下单", "咨询热线", "售价", "元起", "赞助", "冠名", "独家", "品牌", "首选", "第一品牌",
    "最佳", "最优惠", "国家级", "销量", "热销", "新品上市", "sale", "discount", "buy now",
)  # fmt: skip
"""The list where the office has made none of its own."""
_MOST_WORD = 64


def words(office: Office) -> tuple[str, ...]:
    """The list of commercial wording."""
    with office.store.read() as connection:
        return wording.every(connection) or COMMERCIAL


def set_words(office: Office, actor: Actor, listed: Iterable[str]) -> None:
    """Put *listed* in place of the list; none: the list that ships. Raises Refused."""
    wanted = tuple(dict.fromkeys(word.strip() for word in listed if word.strip()))
    wrong = [word for word in wanted if len(word) > _MOST_WORD or not word.isprintable()]
    with office.act(actor, "wording.set", "wording", words=wanted) as tx:
        if wrong:
            raise Refused([Fault("error", "word-forbidden", Place(key="words"), {"word": short(w)}) for w in wrong])
        before, after = wording.every(tx.connection) or COMMERCIAL, wanted or COMMERCIAL
        tx.note(
            taken_out=[word for word in before if word not in after],
            put_in=[word for word in after if word not in before],
        )
        wording.put(tx.connection, wanted, tx.at, actor.id)


def findings(office: Office, campaign: Campaign, around: Surroundings) -> tuple[Fault, ...]:
    """All that is to be said of *campaign*; each at its key."""
    found = [Fault(one.level, one.code, Place(key=key_of(one.path)), one.facts) for one in look_over(campaign, around)]
    listed = words(office)
    with office.store.read() as connection:
        found += _of_items(connection, campaign, listed)
    return tuple(found)


def _of_items(connection: Connection, campaign: Campaign, listed: Sequence[str]) -> Iterator[Fault]:
    known = clip_details.newest(connection, [item.sha256 for item in campaign.items if item.sha256])
    kept = slogans.with_text(connection, [item.text for item in campaign.items if item.text])
    head = " ".join(text for text in (campaign.title, campaign.theme) if text)
    yield from _commercial("title", head, listed)
    for number, item in enumerate(campaign.items, 1):
        yield from _commercial(f"item[{number}].text", item.text or item.title or "", listed)
        said: Mapping[str, Any] = {}
        if item.sha256:
            said = known[item.sha256].details if item.sha256 in known else {}
            yield from _clip(connection, f"item[{number}].source", item, said)
        elif item.text in kept:
            said = kept[item.text].details
        yield from _validity(f"item[{number}]", campaign, item, said)


def _commercial(key: str, text: str, listed: Sequence[str]) -> Iterator[Fault]:
    folded = text.casefold()
    for word in listed:
        if word.casefold() in folded:
            yield Fault("warning", "review-commercial", Place(key=key), {"word": word})


def _clip(connection: Connection, key: str, item: Item, said: Mapping[str, Any]) -> Iterator[Fault]:
    if clips.get(connection, item.sha256 or "") is None:
        yield Fault("warning", "review-clip-gone", Place(key=key))
    if not item.source and not said.get("source"):
        yield Fault("warning", "review-source-missing", Place(key=key))


def _validity(key: str, campaign: Campaign, item: Item, said: Mapping[str, Any]) -> Iterator[Fault]:
    begin, end = (at.astimezone(campaign.zone).date() for at in campaign.window_of(item))
    first = date.fromisoformat(said["from"]) if said.get("from") else None
    last = date.fromisoformat(said["until"]) if said.get("until") else None
    if (first and begin < first) or (last and end > last):
        facts = {"begin": first or "…", "end": last or "…"}
        yield Fault("warning", "review-validity", Place(key=key), facts)
