"""The audit log: one line per entry, in order, never changed and never deleted.

1. An entry is written in the transaction of the act that it records: both are committed, or neither is.
2. Entries are numbered without gaps; the database's write lock serialises the writers.
3. The line is canonical JSON (sorted keys, UTF-8, minimal escapes, no white space) and a leaf of a Merkle tree; the
   leaf hash (RFC 6962: sha256 of a zero byte and the line) is stored with it.
4. Personal data other than the user id is not in the line: the line has a commitment, the sha256 of a random salt and
   the value. Salt and value are in a table of their own, from which they can be erased without changing the tree.
"""

import dataclasses
import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    select,
)

from signage.protocol.epoch import to_ms
from signage.store.engine import metadata

PERSONAL_KEYS = frozenset({"person", "full_name", "email", "phone", "remote", "ip", "contact", "reporter"})
"""Keys of details whose values are personal data, stored apart from the line (4)."""

audit_entries = Table(
    "audit",
    metadata,
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", String(200), nullable=False),
    Column("verb", String(100), nullable=False),
    Column("object", String(300), nullable=False),
    Index("ix_audit_at_ms", "at_ms"),
    Index("ix_audit_object", "object"),
    Index("ix_audit_verb", "verb"),
    Index("ix_audit_who", "who"),
)

audit_personal_values = Table(
    "audit_personal",
    metadata,
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("key", String(100), primary_key=True),
    Column("salt", LargeBinary(16), nullable=False),
    Column("value", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class PersonalValue:
    """A value of *details* that is personal data, whatever its key."""

    value: object


@dataclass(frozen=True, slots=True)
class AuditEntryRow:
    """An entry as stored. *index* counts from 0; ``record`` in the line from 1."""

    index: int
    line: bytes
    hash: bytes

    def parse(self) -> dict[str, object]:
        """Return the fields of the line: ``at``, ``details``, ``object``, ``record``, ``verb``, ``who``."""
        fields: dict[str, object] = json.loads(self.line)
        return fields


@dataclass(frozen=True, slots=True)
class CommitmentOpeningRow:
    """The salt and value of a commitment in a line, until they are erased."""

    index: int
    key: str
    salt: bytes
    value: str


def append_entry(
    connection: Connection, at: datetime, who: str, verb: str, object: str, details: Mapping[str, object]
) -> int:
    """Append an entry in the caller's transaction, which must hold the write lock; return its index (from 0)."""
    index = count_entries(connection)
    committed, openings = _commit_personal_values(details)
    line = encode_canonical(
        {
            "at": at.isoformat(timespec="milliseconds"),
            "details": committed,
            "object": object,
            "record": index + 1,
            "verb": verb,
            "who": who,
        }
    )
    connection.execute(
        audit_entries.insert(),
        {
            "index": index,
            "line": line,
            "hash": hash_leaf(line),
            "at_ms": to_ms(at),
            "who": who,
            "verb": verb,
            "object": object,
        },
    )
    for key, salt, value in openings:
        connection.execute(audit_personal_values.insert(), {"index": index, "key": key, "salt": salt, "value": value})
    return index


def hash_leaf(line: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + line).digest()


def compute_commitment(salt: bytes, value: str) -> str:
    """Return the commitment that a line has in place of a personal value."""
    return "sha256:" + hashlib.sha256(salt + value.encode("utf-8", "replace")).hexdigest()


def encode_canonical(value: object) -> bytes:
    """Encode a value as canonical JSON (3)."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_convert_to_json
    )
    return text.encode("utf-8", "replace")


def count_entries(connection: Connection) -> int:
    """Count all entries."""
    last = connection.execute(select(func.max(audit_entries.c.index))).scalar()
    return 0 if last is None else int(last) + 1


def iter_leaf_hashes(connection: Connection, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Iterate over indexes and leaf hashes in order; *end* is not included."""
    query = (
        select(audit_entries.c.index, audit_entries.c.hash)
        .where(audit_entries.c.index >= begin)
        .order_by(audit_entries.c.index)
    )
    if end is not None:
        query = query.where(audit_entries.c.index < end)
    for row in connection.execute(query, execution_options={"stream_results": True}).yield_per(5000):
        index, digest = row
        yield index, digest


def iter_entries(
    connection: Connection,
    begin: int = 0,
    end: int | None = None,
    *,
    from_: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[AuditEntryRow]:
    """Iterate over entries in order; *end* and *until* are not included."""
    query = _filter_by_time(
        select(audit_entries.c.index, audit_entries.c.line, audit_entries.c.hash), from_, until
    ).where(audit_entries.c.index >= begin)
    if end is not None:
        query = query.where(audit_entries.c.index < end)
    ordered = query.order_by(audit_entries.c.index)
    for row in connection.execute(ordered, execution_options={"stream_results": True}).yield_per(2000):
        yield _build_entry_row(row)


def list_newest_entries(
    connection: Connection,
    *,
    before: int | None = None,
    limit: int = 100,
    who: str | None = None,
    verb: str | None = None,
    object: str | None = None,
    from_: datetime | None = None,
    until: datetime | None = None,
) -> list[AuditEntryRow]:
    """List a page of entries, the newest first, with an index below *before*. *verb* may end in ``*``."""
    query = _filter_by_time(select(audit_entries.c.index, audit_entries.c.line, audit_entries.c.hash), from_, until)
    if before is not None:
        query = query.where(audit_entries.c.index < before)
    if who is not None:
        query = query.where(audit_entries.c.who == who)
    if object is not None:
        query = query.where(audit_entries.c.object == object)
    if verb is not None:
        prefix = verb.removesuffix("*")
        query = query.where(
            audit_entries.c.verb.startswith(prefix, autoescape=True) if prefix != verb else audit_entries.c.verb == verb
        )
    return [
        _build_entry_row(row) for row in connection.execute(query.order_by(audit_entries.c.index.desc()).limit(limit))
    ]


def iter_openings(connection: Connection, indexes: Iterable[int]) -> Iterator[CommitmentOpeningRow]:
    """Iterate over the openings of the commitments in these entries that are not erased."""
    ordered = sorted(indexes)
    for start in range(0, len(ordered), 500):
        query = select(audit_personal_values).where(audit_personal_values.c.index.in_(ordered[start : start + 500]))
        for row in connection.execute(query.order_by(audit_personal_values.c.index, audit_personal_values.c.key)):
            index, key, salt, value = row
            yield CommitmentOpeningRow(index, key, salt, value)


def iter_personal_entries(connection: Connection) -> Iterator[AuditEntryRow]:
    """Iterate in order over the entries with personal values that are not erased."""
    with_values = select(audit_personal_values.c.index)
    query = (
        select(audit_entries.c.index, audit_entries.c.line, audit_entries.c.hash)
        .where(audit_entries.c.index.in_(with_values))
        .order_by(audit_entries.c.index)
    )
    for row in connection.execute(query):
        yield _build_entry_row(row)


def erase_personal_value(connection: Connection, value: str) -> int:
    """Erase a personal value from all entries, without changing lines or tree; return how many there were."""
    encoded = encode_canonical(value).decode("utf-8")
    return int(
        connection.execute(delete(audit_personal_values).where(audit_personal_values.c.value == encoded)).rowcount
    )


def _commit_personal_values(
    details: Mapping[str, object],
) -> tuple[dict[str, object], list[tuple[str, bytes, str]]]:
    committed: dict[str, object] = {}
    openings: list[tuple[str, bytes, str]] = []
    for key, value in details.items():
        if value is not None and (isinstance(value, PersonalValue) or key in PERSONAL_KEYS):
            plain = value.value if isinstance(value, PersonalValue) else value
            salt, text = secrets.token_bytes(16), encode_canonical(plain).decode("utf-8")
            committed[key] = compute_commitment(salt, text)
            openings.append((key, salt, text))
        else:
            committed[key] = value
    return committed, openings


def _convert_to_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _filter_by_time(
    query: Select[tuple[int, bytes, bytes]], from_: datetime | None, until: datetime | None
) -> Select[tuple[int, bytes, bytes]]:
    if from_ is not None:
        query = query.where(audit_entries.c.at_ms >= to_ms(from_))
    if until is not None:
        query = query.where(audit_entries.c.at_ms < to_ms(until))
    return query


def _build_entry_row(row: Any) -> AuditEntryRow:
    return AuditEntryRow(row[0], row[1], row[2])
