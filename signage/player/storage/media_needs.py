"""Media that a playlist needs, and their order. Pure functions."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import PurePosixPath

from signage.protocol.playlist import Playlist, PlaylistMedia, Program

CanPlay = Callable[[PlaylistMedia], bool]
_SHA = re.compile(r"[0-9a-f]{64}\Z")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}\Z")


def choose_rendition(playlist: Playlist, item: str, can_play: CanPlay) -> PlaylistMedia | None:
    """Return the first rendition of *item* that this player can play."""
    return next((m for m in playlist.items[item].media if _SHA.match(m.sha256) and can_play(m)), None)


def get_file_name(media: PlaylistMedia) -> str:
    """Return the name of the medium in the cache: its hash, and a file extension for external programs."""
    suffix = PurePosixPath(media.href.split("?")[0]).suffix.lower()
    return media.sha256 + (suffix if _SUFFIX.match(suffix) else "")


def list_first_media(playlist: Playlist, at: datetime, can_play: CanPlay) -> tuple[PlaylistMedia, ...]:
    """List the media needed before anything of *playlist* shows: its fallback and the program that shows first."""
    return _deduplicate(
        _iter_media(playlist, [*_list_items(playlist, _find_first_program(playlist, at)), *playlist.fallback], can_play)
    )


def list_required_media(playlist: Playlist, at: datetime, can_play: CanPlay) -> tuple[PlaylistMedia, ...]:
    """List all media that *playlist* shows from *at* on, in the order in which they are needed."""
    upcoming_programs = [name for p in playlist.programs if p.until > at for name in _list_items(playlist, p)]
    return _deduplicate(
        _iter_media(
            playlist,
            [*_list_items(playlist, _find_first_program(playlist, at)), *playlist.fallback, *upcoming_programs],
            can_play,
        )
    )


def _find_first_program(playlist: Playlist, at: datetime) -> Program | None:
    return next((p for p in playlist.programs if p.until > at), None)


def _list_items(playlist: Playlist, program: Program | None) -> tuple[str, ...]:
    if program is None or program.loop is None:
        return ()
    return tuple(dict.fromkeys(playlist.loops[program.loop].items))


def _iter_media(playlist: Playlist, items: list[str], can_play: CanPlay) -> Iterator[PlaylistMedia]:
    for name in dict.fromkeys(items):
        media = choose_rendition(playlist, name, can_play)
        if media is not None:
            yield media


def _deduplicate(media: Iterator[PlaylistMedia]) -> tuple[PlaylistMedia, ...]:
    return tuple({m.sha256: m for m in media}.values())
