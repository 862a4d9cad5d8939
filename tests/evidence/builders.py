"""Builds playlists and plays for tests of the evidence."""

import json
from datetime import datetime, timedelta

from signage.protocol.playlist import (
    PLAYLIST_FORMAT,
    Loop,
    Playlist,
    PlaylistItem,
    PlaylistMedia,
    PlaylistPanel,
    Program,
)

SHA = "ab" * 32
OTHER_SHA = "cd" * 32


def parse_instant(text):
    return datetime.fromisoformat(text)


def create_media(sha256=SHA):
    return (PlaylistMedia(f"/media/{sha256}.png", "image/png", sha256, 10, 192, 64),)


def create_playlist(screen="taxi-0001", serial=7, issued="2021-03-15T00:00:00+08:00", lengths=None, days=1, shas=None):
    """Build a playlist: items a, b, c of 8 s in a loop from 06:00 to 22:00, dark from 23:00, the fallback otherwise."""
    lengths = lengths or {"315-2021/a": 8000, "315-2021/b": 8000, "315-2021/c": 8000}
    items = {
        name: PlaylistItem(kind="slogan", text=name, duration_ms=ms, media=create_media((shas or {}).get(name, SHA)))
        for name, ms in lengths.items()
    }
    items["_signage/still"] = PlaylistItem(kind="picture", duration_ms=10000, media=create_media())
    loops = {"day": Loop(sum(lengths.values()), tuple(lengths)), "still": Loop(10000, ("_signage/still",))}
    begin = parse_instant(issued).replace(hour=0, minute=0)
    programs = []
    for day in range(days):
        midnight = begin + timedelta(days=day)

        def hour(n, midnight=midnight):
            return midnight + timedelta(hours=n)

        programs += [
            Program(hour(0), hour(6), "still", 0, "fallback"),
            Program(hour(6), hour(22), "day", 0, "315-2021 / daytime"),
            Program(hour(22), hour(23), "still", 0, "fallback"),
            Program(hour(23), hour(24), None, 0, "operating hours"),
        ]
    return Playlist(
        PLAYLIST_FORMAT,
        screen,
        serial,
        parse_instant(issued),
        begin + timedelta(days=days),
        "Asia/Shanghai",
        30,
        PlaylistPanel("taxi-192x64", 192, 64, "rgb"),
        items,
        loops,
        tuple(programs),
        (),
        ("_signage/still",),
    )


def create_play(seq, **more):
    return {
        "seq": seq,
        "item": "315-2021/a",
        "sha256": SHA,
        "serial": 7,
        "started_at": "2021-03-15T08:00:00.000+08:00",
        "duration_ms": 8000,
        "result": "completed",
        **more,
    }


def create_body(*found, run="r1", lost=None):
    batch = {"run": run, "plays": list(found)}
    if lost is not None:
        batch["lost"] = lost
    return json.dumps(batch, ensure_ascii=False).encode()
