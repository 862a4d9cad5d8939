"""What the files that a campaign names are, by their leading bytes alone: nothing is decoded, nothing is taken in."""

from collections.abc import Callable, Iterator
from pathlib import Path

from signage.library.codecs.file_type import GIF, LEADING_BYTES, PNG, WEBP, FileFormat, detect_format
from signage.library.sandbox.media_error import MediaError
from signage.model.campaign import Campaign
from signage.model.clip_facts import ClipKind
from signage.model.toml.findings import Finding
from signage.store.engine import Store
from signage.store.library import clips


def detect_clip_kind(head: bytes) -> ClipKind | None:
    """What a file is by its leading bytes; None where they do not tell whether a picture moves.

    Raises Unfit when it is nothing that screens can play.
    """
    known = detect_format(head)
    if known.demuxer is not None:
        return "film"
    return _detect_image_kind(known, head)


def _detect_image_kind(known: FileFormat, head: bytes) -> ClipKind | None:
    if known == GIF:
        return None
    if known == WEBP:
        return "animation" if head[12:16] == b"VP8X" and head[20] & 2 else "picture"
    if known == PNG and b"IDAT" not in head:
        return None
    return "animation" if known == PNG and b"acTL" in head[: head.index(b"IDAT")] else "picture"


def create_kind_lookup(root: Path, store: Store | None) -> Callable[[str], ClipKind | None]:
    """Asks files under *root* by their path, and the library by a sha256.

    Without a library nothing is held against a sha256: it counts as a clip that may have a duration or not.
    """

    def kind(name: str) -> ClipKind | None:
        if len(name) == 64 and "." not in name and "/" not in name:
            return "animation" if store is None else _find_library_kind(store, name)
        try:
            return detect_clip_kind(_read_leading_bytes(root / name))
        except (OSError, MediaError):
            return None

    return kind


def _find_library_kind(store: Store, sha256: str) -> ClipKind | None:
    with store.read() as connection:
        kept = clips.get_clip(connection, sha256)
    return None if kept is None else kept.facts.kind


def check_clip_files(campaign: Campaign, root: Path) -> Iterator[Finding]:
    """Files whose leading bytes say that no screen can play them."""
    for number, item in enumerate(campaign.items):
        if item.file is None:
            continue
        try:
            detect_clip_kind(_read_leading_bytes(root / item.file))
        except MediaError as unfit:
            yield Finding("error", unfit.code, ("item", number, "file"), {**unfit.facts, "name": item.file})
        except OSError as error:
            yield Finding("error", "file-unreadable", ("item", number, "file"), {"why": error.strerror or str(error)})


def _read_leading_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LEADING_BYTES)
