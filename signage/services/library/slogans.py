"""Slogans of the library: added one by one or many at once, changed, removed where nothing uses them.

1. A slogan is a line of at most 500 characters; the same line is there once.
2. Of a numbered list the numbers are taken off, every line that says something is a slogan.
3. What an active campaign uses is not removed; the refusal says where it is used.
"""

import re
from collections.abc import Iterable, Sequence

from signage.faults import Fault, Place, Refused, refuse
from signage.model.campaign import ref
from signage.model.campaign_file.schema import MOST_TEXT
from signage.model.toml.forbidden_characters import forbidden
from signage.model.users import Actor
from signage.services.context import Office, Transaction
from signage.services.library.details import Details, of
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.library import slogans
from signage.store.library.slogans import Kept as Kept

MOST_AT_ONCE = 500
_NUMBER = re.compile(
    r"""\s*(?:
        [(（【\[〔]\s*(?:[0-9０-９]{1,3}|[一二三四五六七八九十百零〇]{1,4})\s*[)）】\]〕]\s*[.．、:：]?
      | (?:[0-9０-９]{1,3})\s*(?:[.．](?![0-9])|[、)）:：])
      | (?:[0-9０-９]{1,2})\s(?=\s*[^\x00-\x7f])
      | 第?[一二三四五六七八九十百零〇]{1,4}(?:、|[.．:：)）]|条[、:：\s])
      | [①-⑳⑴-⒇⒈-⒛㈠-㈩❶-❿➀-➉]
      | [•●▪■◆◇○·‣⁃\-–—*](?=\s)
    )\s*""",
    re.VERBOSE,
)


def of_list(text: str) -> list[str]:
    """The slogans of a text that was pasted: one a line, without numbers and bullets, each once (2)."""
    lines = (_plain(line) for line in text.replace("\r", "\n").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def _plain(line: str) -> str:
    line = " ".join(line.replace("\u3000", " ").replace("\t", " ").split()).strip("\ufeff\u200b ")
    match = _NUMBER.match(line)
    rest = line[match.end() :] if match else line
    return (rest or ("" if match else line)).strip()


def wrong_with(text: str) -> list[Fault]:
    """All that is wrong with a text that is to be a slogan (1)."""
    return _faults(_plain_text(text), "text")


def add(office: Office, actor: Actor, text: str, details: Details) -> int:
    """Keep one slogan; returns its number. Raises Refused."""
    line = _plain_text(text)
    with office.act(actor, "slogan.add", line) as tx:
        faults = _faults(line, "text")
        if not faults and line in slogans.with_text(tx.connection, [line]):
            faults.append(Fault("error", "slogan-twice", Place(key="text")))
        if faults:
            raise Refused(faults)
        number = slogans.add(tx.connection, line, details.kept(), tx.at, actor.id)
        tx.note(number=number, **details.kept())
    return number


def add_many(office: Office, actor: Actor, text: str, details: Details) -> tuple[list[int], list[str]]:
    """Keep every slogan of a pasted list; returns the new numbers, and the lines that were there already."""
    lines = of_list(text)
    with office.act(actor, "slogan.add", f"{len(lines)} slogans") as tx:
        if not lines:
            raise refuse("slogans-none", "list")
        if len(lines) > MOST_AT_ONCE:
            raise refuse("slogans-too-many", "list", most=MOST_AT_ONCE, count=len(lines))
        faults = [fault for n, line in enumerate(lines, 1) for fault in _faults(line, f"list[{n}]")]
        if faults:
            raise Refused(faults)
        known = slogans.with_text(tx.connection, lines)
        fresh = [line for line in lines if line not in known]
        if not fresh:
            tx.unchanged()
        made = [slogans.add(tx.connection, line, details.kept(), tx.at, actor.id) for line in fresh]
        tx.note(slogans=fresh, **details.kept())
    return made, [line for line in lines if line in known]


def change(office: Office, actor: Actor, number: int, based_on: int, text: str, details: Details) -> int:
    """Keep another text or other details of a slogan; returns its version. Campaigns keep the text that they have."""
    line = _plain_text(text)
    with office.act(actor, "slogan.change", str(number)) as tx:
        kept = _must_be(tx, number)
        if kept.version != based_on:
            raise refuse("slogan-overtaken", "text", who=kept.changed_by, version=kept.version)
        if (kept.text, of(kept.details)) == (line, details):
            tx.unchanged()
            return kept.version
        faults = _faults(line, "text")
        if line != kept.text and line in slogans.with_text(tx.connection, [line]):
            faults.append(Fault("error", "slogan-twice", Place(key="text")))
        if faults:
            raise Refused(faults)
        tx.note(text=line, text_before=kept.text, details=details.kept(), details_before=kept.details)
        return slogans.change(tx.connection, kept, line, details.kept(), tx.at, actor.id)


def remove(office: Office, actor: Actor, number: int) -> None:
    """Take a slogan out of the library. Raises Refused where a campaign uses it (3)."""
    with office.act(actor, "slogan.remove", str(number)) as tx:
        kept = _must_be(tx, number)
        where = uses(tx.connection, [kept.text])[kept.text]
        if where:
            raise refuse("in-use", "text", where="、".join(where[:10]))
        tx.note(text=kept.text)
        slogans.remove(tx.connection, number, tx.at)


def uses(connection: Connection, texts: Sequence[str]) -> dict[str, list[str]]:
    """Text → the items (``campaign/item``) of active campaigns that say it, in the newest or the approved version."""
    found: dict[str, list[str]] = {text: [] for text in texts}
    for name, text in _texts(connection):
        if text in found and name not in found[text]:
            found[text].append(name)
    return found


def _texts(connection: Connection) -> Iterable[tuple[str, str]]:
    for campaign in campaigns.in_use(connection):
        for item in campaign.items:
            if item.text is not None:
                yield ref(campaign.id, item.id), item.text


def page(office: Office, before: int | None = None, limit: int = 50, search: str = "") -> list[Kept]:
    """A page of slogans, the newest first."""
    with office.store.read() as connection:
        return slogans.page(connection, before, limit, search)


def where_used(office: Office, texts: Sequence[str]) -> dict[str, list[str]]:
    """:func:`uses`, for those who ask."""
    with office.store.read() as connection:
        return uses(connection, texts)


def get(office: Office, number: int) -> tuple[Kept, list[Kept]]:
    """A slogan and all its versions, the newest first. Raises Refused where there is none."""
    with office.store.read() as connection:
        kept = slogans.get(connection, number)
        if kept is None:
            raise refuse("slogan-unknown", str(number), number=number)
        return kept, slogans.history(connection, number)


def _must_be(tx: Transaction, number: int) -> Kept:
    kept = slogans.get(tx.connection, number)
    if kept is None:
        raise refuse("slogan-unknown", str(number), number=number)
    return kept


def _plain_text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _faults(text: str, key: str) -> list[Fault]:
    if not text:
        return [Fault("error", "said-missing", Place(key=key))]
    if len(text) > MOST_TEXT:
        return [Fault("error", "said-too-long", Place(key=key), {"most": MOST_TEXT, "length": len(text)})]
    wrong = forbidden(text, lines=True)
    facts = {"character": wrong[0], "place": wrong[1]} if wrong else {}
    return [Fault("error", "said-forbidden", Place(key=key), facts)] if wrong else []


def known(office: Office, texts: Sequence[str]) -> frozenset[str]:
    """Those of *texts* that the library has."""
    with office.store.read() as connection:
        return frozenset(slogans.with_text(connection, texts))
