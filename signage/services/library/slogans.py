"""Slogans of the library: added one by one or many at once, changed, removed where nothing uses them.

1. A slogan is a line of at most 500 characters; the same line is there once.
2. Of a numbered list the numbers are taken off, every line that says something is a slogan.
3. What an active campaign uses is not removed; the refusal says where it is used.
"""

import re
from collections.abc import Iterable, Sequence

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model.campaign import format_item_ref
from signage.model.campaign_file.schema import MAX_TEXT_LENGTH
from signage.model.users import Actor
from signage.services.context import AppContext, AuditedTransaction
from signage.services.library.details import LibraryDetails, parse_record
from signage.services.text_input import check_text
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.library import slogans
from signage.store.library.slogans import SloganRow as SloganRow

MAX_SLOGANS_PER_IMPORT = 500
_LIST_MARKER = re.compile(
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


def parse_slogan_list(text: str) -> list[str]:
    """The slogans of a text that was pasted: one a line, without numbers and bullets, each once (2)."""
    lines = (_strip_list_marker(line) for line in text.replace("\r", "\n").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def _strip_list_marker(line: str) -> str:
    line = " ".join(line.replace("\u3000", " ").replace("\t", " ").split()).strip("\ufeff\u200b ")
    match = _LIST_MARKER.match(line)
    rest = line[match.end() :] if match else line
    return (rest or ("" if match else line)).strip()


def check_slogan(text: str) -> list[Fault]:
    """All that is wrong with a text that is to be a slogan (1)."""
    return check_text("text", _normalize_text(text), MAX_TEXT_LENGTH)


def create_slogan(context: AppContext, actor: Actor, text: str, details: LibraryDetails) -> int:
    """Keep one slogan; returns its number. Raises Refused."""
    line = _normalize_text(text)
    with context.transaction(actor, "slogan.add", line) as tx:
        faults = check_text("text", line, MAX_TEXT_LENGTH)
        if not faults and line in slogans.find_slogans_by_text(tx.connection, [line]):
            faults.append(Fault("error", "slogan-twice", FaultLocation(key="text")))
        if faults:
            raise Refused(faults)
        number = slogans.create_slogan(tx.connection, line, details.to_record(), tx.at, actor.id)
        tx.add_details(number=number, **details.to_record())
    return number


def create_slogans(
    context: AppContext, actor: Actor, text: str, details: LibraryDetails
) -> tuple[list[int], list[str]]:
    """Keep every slogan of a pasted list; returns the new numbers, and the lines that were there already."""
    lines = parse_slogan_list(text)
    with context.transaction(actor, "slogan.add", f"{len(lines)} slogans") as tx:
        if not lines:
            raise refuse("slogans-none", "list")
        if len(lines) > MAX_SLOGANS_PER_IMPORT:
            raise refuse("slogans-too-many", "list", most=MAX_SLOGANS_PER_IMPORT, count=len(lines))
        faults = [fault for n, line in enumerate(lines, 1) for fault in check_text(f"list[{n}]", line, MAX_TEXT_LENGTH)]
        if faults:
            raise Refused(faults)
        known = slogans.find_slogans_by_text(tx.connection, lines)
        fresh = [line for line in lines if line not in known]
        if not fresh:
            tx.mark_unchanged()
        made = [slogans.create_slogan(tx.connection, line, details.to_record(), tx.at, actor.id) for line in fresh]
        tx.add_details(slogans=fresh, **details.to_record())
    return made, [line for line in lines if line in known]


def update_slogan(
    context: AppContext, actor: Actor, number: int, based_on: int, text: str, details: LibraryDetails
) -> int:
    """Keep another text or other details of a slogan; returns its version. Campaigns keep the text that they have."""
    line = _normalize_text(text)
    with context.transaction(actor, "slogan.change", str(number)) as tx:
        kept = _get_slogan_row(tx, number)
        if kept.version != based_on:
            raise refuse("slogan-overtaken", "text", who=kept.changed_by, version=kept.version)
        if (kept.text, parse_record(kept.details)) == (line, details):
            tx.mark_unchanged()
            return kept.version
        faults = check_text("text", line, MAX_TEXT_LENGTH)
        if line != kept.text and line in slogans.find_slogans_by_text(tx.connection, [line]):
            faults.append(Fault("error", "slogan-twice", FaultLocation(key="text")))
        if faults:
            raise Refused(faults)
        tx.add_details(text=line, text_before=kept.text, details=details.to_record(), details_before=kept.details)
        return slogans.update_slogan(tx.connection, kept, line, details.to_record(), tx.at, actor.id)


def delete_slogan(context: AppContext, actor: Actor, number: int) -> None:
    """Take a slogan out of the library. Raises Refused where a campaign uses it (3)."""
    with context.transaction(actor, "slogan.remove", str(number)) as tx:
        kept = _get_slogan_row(tx, number)
        where = query_uses(tx.connection, [kept.text])[kept.text]
        if where:
            raise refuse("in-use", "text", where="、".join(where[:10]))
        tx.add_details(text=kept.text)
        slogans.delete_slogan(tx.connection, number, tx.at)


def query_uses(connection: Connection, texts: Sequence[str]) -> dict[str, list[str]]:
    """Text → the items (``campaign/item``) of active campaigns that say it, in the newest or the approved version."""
    found: dict[str, list[str]] = {text: [] for text in texts}
    for name, text in _iterate_item_texts(connection):
        if text in found and name not in found[text]:
            found[text].append(name)
    return found


def _iterate_item_texts(connection: Connection) -> Iterable[tuple[str, str]]:
    for campaign in campaigns.iter_campaigns_in_use(connection):
        for item in campaign.items:
            if item.text is not None:
                yield format_item_ref(campaign.id, item.id), item.text


def list_slogans(context: AppContext, before: int | None = None, limit: int = 50, search: str = "") -> list[SloganRow]:
    """A page of slogans, the newest first."""
    with context.store.read() as connection:
        return slogans.list_slogans(connection, before, limit, search)


def find_uses(context: AppContext, texts: Sequence[str]) -> dict[str, list[str]]:
    """:func:`uses`, for those who ask."""
    with context.store.read() as connection:
        return query_uses(connection, texts)


def get_slogan(context: AppContext, number: int) -> tuple[SloganRow, list[SloganRow]]:
    """A slogan and all its versions, the newest first. Raises Refused where there is none."""
    with context.store.read() as connection:
        kept = slogans.get_slogan(connection, number)
        if kept is None:
            raise refuse("slogan-unknown", str(number), number=number)
        return kept, slogans.list_slogan_versions(connection, number)


def _get_slogan_row(tx: AuditedTransaction, number: int) -> SloganRow:
    kept = slogans.get_slogan(tx.connection, number)
    if kept is None:
        raise refuse("slogan-unknown", str(number), number=number)
    return kept


def _normalize_text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def find_known_texts(context: AppContext, texts: Sequence[str]) -> frozenset[str]:
    """Those of *texts* that the library has."""
    with context.store.read() as connection:
        return frozenset(slogans.find_slogans_by_text(connection, texts))
