"""What the files that a campaign names are, by their leading bytes alone: nothing is decoded, nothing is taken in."""

from collections.abc import Callable, Iterator
from pathlib import Path

from signage.library.codecs.file_type import GIF, LEADING_BYTES, PNG, WEBP, Format, sniff
from signage.library.sandbox.media_error import Unfit
from signage.model.campaign import Campaign
from signage.model.toml.findings import Found
from signage.services.clip_port import ClipKind
from signage.store.engine import Store
from signage.store.library import clips


def kind_by_head(head: bytes) -> ClipKind | None:
    """What a file is by its leading bytes; None where they do not tell whether a picture moves.

    Raises Unfit when it is nothing that screens can play.
    """
    known = sniff(head)
    if known.demuxer is not None:
        return "film"
    return _moving(known, head)


def _moving(known: Format, head: bytes) -> ClipKind | None:
    if known == GIF:
        return None
    if known == WEBP:
        return "animation" if head[12:16] == b"VP8X" and head[20] & 2 else "picture"
    if known == PNG and b"IDAT" not in head:
        return None
    return "animation" if known == PNG and b"acTL" in head[: head.index(b"IDAT")] else "picture"


def clip_kinds(root: Path, store: Store | None) -> Callable[[str], ClipKind | None]:
    """Asks files under *root* by their path, and the library by a sha256.

    Without a library nothing is held against a sha256: it counts as a clip that may have a duration or not.
    """

    def kind(name: str) -> ClipKind | None:
        if len(name) == 64 and "." not in name and "/" not in name:
            return "animation" if store is None else _in_library(store, name)
        try:
            return kind_by_head(_head(root / name))
        except (OSError, Unfit):
            return None

    return kind


def _in_library(store: Store, sha256: str) -> ClipKind | None:
    with store.read() as connection:
        kept = clips.get(connection, sha256)
    return None if kept is None else kept.facts["kind"]


def files_can_be_played(campaign: Campaign, root: Path) -> Iterator[Found]:
    """Files whose leading bytes say that no screen can play them."""
    for number, item in enumerate(campaign.items):
        if item.file is None:
            continue
        try:
            kind_by_head(_head(root / item.file))
        except Unfit as unfit:
            yield Found("error", unfit.code, ("item", number, "file"), {**unfit.facts, "name": item.file})
        except OSError as error:
            yield Found("error", "file-unreadable", ("item", number, "file"), {"why": error.strerror or str(error)})


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LEADING_BYTES)
