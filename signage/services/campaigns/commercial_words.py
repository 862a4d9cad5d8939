"""The list of words that make a public service campaign look commercial; reviewers are warned of them."""

from collections.abc import Iterable

from signage.faults import Fault, FaultLocation, Refused
from signage.model.toml.findings import ellipsize
from signage.model.users import Actor
from signage.services.context import AppContext
from signage.store.campaigns import commercial_words
from signage.store.engine import Connection

DEFAULT_COMMERCIAL_WORDS = (
    "优惠", "打折", "折扣", "促销", "特价", "秒杀", "抢购", "限时", "包邮", "赠品", "买一送一",
    "返现", "优惠券", "代金券", "红包", "加盟", "招商", "代理商", "旗舰店", "专卖店", "官方网店", "购买",
    "订购", "下单", "咨询热线", "售价", "元起", "赞助", "冠名", "独家", "品牌", "首选", "第一品牌",
    "最佳", "最优惠", "国家级", "销量", "热销", "新品上市", "sale", "discount", "buy now",
)  # fmt: skip
"""The list of an installation that has not edited it."""
_MAX_WORD_CHARS = 64


def list_commercial_words(context: AppContext) -> tuple[str, ...]:
    """Return the list of commercial words."""
    with context.store.read() as connection:
        return _list_words(connection)


def set_commercial_words(context: AppContext, actor: Actor, words: Iterable[str]) -> None:
    """Replace the list by *words*; an empty one restores the default. Raises Refused."""
    new_words = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    invalid = [word for word in new_words if len(word) > _MAX_WORD_CHARS or not word.isprintable()]
    with context.transaction(actor, "wording.set", "wording", words=new_words) as tx:
        if invalid:
            location = FaultLocation(key="words")
            raise Refused([Fault("error", "word-forbidden", location, {"word": ellipsize(word)}) for word in invalid])
        before, after = _list_words(tx.connection), new_words or DEFAULT_COMMERCIAL_WORDS
        tx.add_details(
            taken_out=[word for word in before if word not in after],
            put_in=[word for word in after if word not in before],
        )
        commercial_words.replace_words(tx.connection, new_words, tx.at, actor.id)


def _list_words(connection: Connection) -> tuple[str, ...]:
    return commercial_words.list_words(connection) or DEFAULT_COMMERCIAL_WORDS
