"""What a document needs on disk, and what is needed first. Values in, values out."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import PurePosixPath

from signage.protocol.playlist import Playlist, PlaylistMedia, Program

CanPlay = Callable[[PlaylistMedia], bool]
_SHA = re.compile(r"[0-9a-f]{64}\Z")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}\Z")


def chosen(playlist: Playlist, item: str, can_play: CanPlay) -> PlaylistMedia | None:
    """The first rendition of *item* that this player can play."""
    return next((m for m in playlist.items[item].media if _SHA.match(m.sha256) and can_play(m)), None)


def file_name(media: PlaylistMedia) -> str:
    """The medium's name in the cache: its hash, and the ending that programs which are handed the file go by."""
    suffix = PurePosixPath(media.href.split("?")[0]).suffix.lower()
    return media.sha256 + (suffix if _SUFFIX.match(suffix) else "")


def first_needs(playlist: Playlist, at: datetime, can_play: CanPlay) -> tuple[PlaylistMedia, ...]:
    """What must be there before anything of *playlist* shows: its fallback and the program that shows first."""
    return _unique(_media(playlist, [*_items(playlist, _first(playlist, at)), *playlist.fallback], can_play))


def all_needs(playlist: Playlist, at: datetime, can_play: CanPlay) -> tuple[PlaylistMedia, ...]:
    """Everything that *playlist* shows from *at* on, in the order in which it is needed."""
    coming = [name for p in playlist.programs if p.until > at for name in _items(playlist, p)]
    return _unique(_media(playlist, [*_items(playlist, _first(playlist, at)), *playlist.fallback, *coming], can_play))


def _first(playlist: Playlist, at: datetime) -> Program | None:
    return next((p for p in playlist.programs if p.until > at), None)


def _items(playlist: Playlist, program: Program | None) -> tuple[str, ...]:
    if program is None or program.loop is None:
        return ()
    return tuple(dict.fromkeys(playlist.loops[program.loop].items))


def _media(playlist: Playlist, items: list[str], can_play: CanPlay) -> Iterator[PlaylistMedia]:
    for name in dict.fromkeys(items):
        media = chosen(playlist, name, can_play)
        if media is not None:
            yield media


def _unique(media: Iterator[PlaylistMedia]) -> tuple[PlaylistMedia, ...]:
    return tuple({m.sha256: m for m in media}.values())
