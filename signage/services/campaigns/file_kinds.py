"""Kinds of the clip files that a campaign names, by their leading bytes: nothing is decoded, nothing is stored."""

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
    """Return the kind of a clip by its leading bytes; None where they do not show whether an image is animated.

    Raises MediaError when screens cannot play it.
    """
    file_format = detect_format(head)
    if file_format.demuxer is not None:
        return "film"
    return _detect_image_kind(file_format, head)


def _detect_image_kind(file_format: FileFormat, head: bytes) -> ClipKind | None:
    if file_format == GIF:
        return None
    if file_format == WEBP:
        return "animation" if head[12:16] == b"VP8X" and head[20] & 2 else "picture"
    if file_format == PNG and b"IDAT" not in head:
        return None
    return "animation" if file_format == PNG and b"acTL" in head[: head.index(b"IDAT")] else "picture"


def create_kind_lookup(root: Path, store: Store | None) -> Callable[[str], ClipKind | None]:
    """Return a function that gives the kind of a file under *root* by its path, or of a clip by its sha256.

    Without *store* every sha256 counts as an animation, which may have a duration or not.
    """

    def get_kind(name: str) -> ClipKind | None:
        if len(name) == 64 and "." not in name and "/" not in name:
            return "animation" if store is None else _find_library_kind(store, name)
        try:
            return detect_clip_kind(_read_leading_bytes(root / name))
        except (OSError, MediaError):
            return None

    return get_kind


def _find_library_kind(store: Store, sha256: str) -> ClipKind | None:
    with store.read() as connection:
        clip = clips.get_clip(connection, sha256)
    return None if clip is None else clip.facts.kind


def check_clip_files(campaign: Campaign, root: Path) -> Iterator[Finding]:
    """Yield the clip files of *campaign* that no screen can play, by their leading bytes."""
    for number, item in enumerate(campaign.items):
        if item.file is None:
            continue
        try:
            detect_clip_kind(_read_leading_bytes(root / item.file))
        except MediaError as error:
            yield Finding("error", error.code, ("item", number, "file"), {**error.facts, "name": item.file})
        except OSError as error:
            yield Finding("error", "file-unreadable", ("item", number, "file"), {"why": error.strerror or str(error)})


def _read_leading_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LEADING_BYTES)
