"""Slogans of the library: created singly or from a list, updated, deleted.

1. A slogan is a text of at most 500 characters; each text exists once.
2. Numbers and bullets of a pasted list are removed; every line with text is a slogan.
3. A slogan that an active campaign uses cannot be deleted; the refusal names the uses.
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
    """Parse a pasted list: one slogan per line, without numbers and bullets, each once (2)."""
    lines = (_strip_list_marker(line) for line in text.replace("\r", "\n").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def _strip_list_marker(line: str) -> str:
    line = " ".join(line.replace("\u3000", " ").replace("\t", " ").split()).strip("\ufeff\u200b ")
    match = _LIST_MARKER.match(line)
    rest = line[match.end() :] if match else line
    return (rest or ("" if match else line)).strip()


def check_slogan(text: str) -> list[Fault]:
    """Return the faults of a text as a slogan (1)."""
    return check_text("text", _normalize_text(text), MAX_TEXT_LENGTH)


def create_slogan(context: AppContext, actor: Actor, text: str, details: LibraryDetails) -> int:
    """Create a slogan; returns its number. Raises Refused."""
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
    """Create the slogans of a pasted list; returns the new numbers, and the texts that existed. Raises Refused."""
    lines = parse_slogan_list(text)
    with context.transaction(actor, "slogan.add", f"{len(lines)} slogans") as tx:
        if not lines:
            raise refuse("slogans-none", "list")
        if len(lines) > MAX_SLOGANS_PER_IMPORT:
            raise refuse("slogans-too-many", "list", most=MAX_SLOGANS_PER_IMPORT, count=len(lines))
        faults = [fault for n, line in enumerate(lines, 1) for fault in check_text(f"list[{n}]", line, MAX_TEXT_LENGTH)]
        if faults:
            raise Refused(faults)
        existing = slogans.find_slogans_by_text(tx.connection, lines)
        new_texts = [line for line in lines if line not in existing]
        if not new_texts:
            tx.mark_unchanged()
        numbers = [
            slogans.create_slogan(tx.connection, line, details.to_record(), tx.at, actor.id) for line in new_texts
        ]
        tx.add_details(slogans=new_texts, **details.to_record())
    return numbers, [line for line in lines if line in existing]


def update_slogan(
    context: AppContext, actor: Actor, number: int, based_on: int, text: str, details: LibraryDetails
) -> int:
    """Update text or details of a slogan; returns its version. Campaigns keep their text. Raises Refused."""
    line = _normalize_text(text)
    with context.transaction(actor, "slogan.change", str(number)) as tx:
        row = _get_slogan_row(tx, number)
        if row.version != based_on:
            raise refuse("slogan-overtaken", "text", who=row.changed_by, version=row.version)
        if (row.text, parse_record(row.details)) == (line, details):
            tx.mark_unchanged()
            return row.version
        faults = check_text("text", line, MAX_TEXT_LENGTH)
        if line != row.text and line in slogans.find_slogans_by_text(tx.connection, [line]):
            faults.append(Fault("error", "slogan-twice", FaultLocation(key="text")))
        if faults:
            raise Refused(faults)
        tx.add_details(text=line, text_before=row.text, details=details.to_record(), details_before=row.details)
        return slogans.update_slogan(tx.connection, row, line, details.to_record(), tx.at, actor.id)


def delete_slogan(context: AppContext, actor: Actor, number: int) -> None:
    """Delete a slogan. Raises Refused: unknown, in use (3)."""
    with context.transaction(actor, "slogan.remove", str(number)) as tx:
        row = _get_slogan_row(tx, number)
        uses = query_uses(tx.connection, [row.text])[row.text]
        if uses:
            raise refuse("in-use", "text", where="、".join(uses[:10]))
        tx.add_details(text=row.text)
        slogans.delete_slogan(tx.connection, number, tx.at)


def query_uses(connection: Connection, texts: Sequence[str]) -> dict[str, list[str]]:
    """Return text → the items (``campaign/item``) of active campaigns with it, newest and approved versions."""
    uses: dict[str, list[str]] = {text: [] for text in texts}
    for name, text in _iterate_item_texts(connection):
        if text in uses and name not in uses[text]:
            uses[text].append(name)
    return uses


def _iterate_item_texts(connection: Connection) -> Iterable[tuple[str, str]]:
    for campaign in campaigns.iter_campaigns_in_use(connection):
        for item in campaign.items:
            if item.text is not None:
                yield format_item_ref(campaign.id, item.id), item.text


def list_slogans(context: AppContext, before: int | None = None, limit: int = 50, search: str = "") -> list[SloganRow]:
    """List a page of slogans, the newest first."""
    with context.store.read() as connection:
        return slogans.list_slogans(connection, before, limit, search)


def find_uses(context: AppContext, texts: Sequence[str]) -> dict[str, list[str]]:
    """:func:`query_uses` with a connection of its own."""
    with context.store.read() as connection:
        return query_uses(connection, texts)


def get_slogan(context: AppContext, number: int) -> tuple[SloganRow, list[SloganRow]]:
    """Return a slogan and all its versions, the newest first. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        row = slogans.get_slogan(connection, number)
        if row is None:
            raise refuse("slogan-unknown", str(number), number=number)
        return row, slogans.list_slogan_versions(connection, number)


def _get_slogan_row(tx: AuditedTransaction, number: int) -> SloganRow:
    row = slogans.get_slogan(tx.connection, number)
    if row is None:
        raise refuse("slogan-unknown", str(number), number=number)
    return row


def _normalize_text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def find_known_texts(context: AppContext, texts: Sequence[str]) -> frozenset[str]:
    """Return those of *texts* that are slogans of the library."""
    with context.store.read() as connection:
        return frozenset(slogans.find_slogans_by_text(connection, texts))
