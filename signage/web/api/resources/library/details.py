"""The details that slogans and clips share."""

from collections.abc import Iterable

from msgspec import Struct

from signage.faults import Fault
from signage.services.library.details import LibraryDetails, parse_form


class LibraryDetailsIn(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Title, tags, source, rights and validity; dates as ``2026-03-15``."""

    title: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    rights: str = ""
    from_: str = ""
    until: str = ""


def parse_details(body: LibraryDetailsIn, further: Iterable[Fault] = ()) -> LibraryDetails:
    """Parse the details. Raises Refused, with *further* faults."""
    fields = {"title": body.title, "tags": " ".join(body.tags), "source": body.source, "rights": body.rights}
    return parse_form({**fields, "from": body.from_, "until": body.until}, further)
