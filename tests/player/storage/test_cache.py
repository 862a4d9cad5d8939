"""The cache: atomic switch of playlists; media resumed, limited and verified; a full disk does not stop playback."""

import os
from datetime import timedelta

import pytest

from signage.player.storage.media_needs import get_file_name
from signage.protocol.playlist import Program
from tests.support.player_harness import NOON, LimitedDisk, PlayerHarness
from tests.support.screen_server import ScreenServer, create_playlist, create_png, hash_bytes

RED, GREEN, BLUE = create_png((255, 0, 0)), create_png((0, 255, 0)), create_png((0, 0, 255))
START = NOON - timedelta(hours=1)
FILM = os.urandom(300_000)
"""Bytes of a large medium that is never decoded."""


@pytest.fixture
def server():
    with ScreenServer() as running:
        running.serve_playlist({"c/red": (RED, 2000)}, begin=START)
        yield running


def made(tmp_path, server, **facts) -> PlayerHarness:
    bench = PlayerHarness(tmp_path / "cache", server.url, **facts)
    server.clock = bench.time_source.now
    return bench


def test_a_new_playlist_shows_only_once_its_first_media_are_complete(tmp_path, server):
    bench = made(tmp_path, server)
    bench.poll_and_download()
    bench.play(1)
    del server.media[hash_bytes(RED)]
    server.serve_playlist({"c/green": (GREEN, 2000), "c/blue": (BLUE, 2000)}, begin=START, serial=2)
    del server.media[hash_bytes(BLUE)]
    bench.poll_and_download()
    bench.play(5)
    assert bench.serial == 1 and {i.getpixel((0, 0)) for _, i in bench.driver.shown} == {(255, 0, 0)}
    assert bench.list_faults() == ["media-refused c/blue"]
    server.add_media(BLUE)
    bench.time_source.advance(60)
    bench.download_all()
    bench.play(5)
    assert bench.serial == 2
    bench.close()


def test_the_switch_does_not_wait_for_media_of_later_programs(tmp_path, server):
    bench = made(tmp_path, server)
    evening = NOON + timedelta(hours=5)
    programs = (
        Program(START, evening, "a", 0, "x"), Program(evening, START + timedelta(days=1), "b", 0, "y"),
    )  # fmt: skip
    playlist = create_playlist({"c/red": (RED, 2000)}, begin=START, serial=2, programs=programs)
    later = create_playlist({"c/blue": (BLUE, 2000)}, begin=START)
    server.playlist = type(playlist)(
        **{f: getattr(playlist, f) for f in playlist.__struct_fields__}
        | {"items": {**playlist.items, **later.items}, "loops": {**playlist.loops, "b": later.loops["a"]}}
    )
    bench.poll_and_download()
    assert bench.serial == 2
    assert bench.list_faults() == ["media-refused c/blue"]
    bench.time_source.advance(5 * 3600 + 1)
    bench.play(4)
    assert bench.driver.get_color() == (0, 0, 90)
    bench.close()


def test_a_download_resumes_where_it_stopped(tmp_path, server):
    bench = made(tmp_path, server)
    cuts = [True, True]

    def spoil(handler):
        if hash_bytes(FILM) not in handler.path or not cuts:
            return False
        cuts.pop()
        asked = handler.headers.get("Range", "bytes=0-")
        start = int(asked[6:].split("-")[0])
        handler.send_response(206 if start else 200)
        handler.send_header("ETag", f'"{hash_bytes(FILM)}"')
        handler.send_header("Content-Length", str(len(FILM) - start))
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(FILM) - 1}/{len(FILM)}")
        handler.end_headers()
        handler.wfile.write(FILM[start : start + 100_000])
        handler.close_connection = True
        return True

    server.intercept = spoil
    server.serve_playlist({"c/film": (FILM, 2000)}, begin=START, serial=2)
    for _ in range(4):
        bench.poll_and_download()
        bench.time_source.advance(20)
    ranges = [h.get("Range") for _, path, h in server.requests if hash_bytes(FILM) in path]
    assert ranges == [None, "bytes=100000-", "bytes=200000-"]
    assert all(
        h.get("If-Range") == f'"{hash_bytes(FILM)}"'
        for _, p, h in server.requests
        if hash_bytes(FILM) in p and "Range" in h
    )
    media = bench.player.cache.newest.playlist.items["c/film"].media[0]
    assert bench.player.cache.get_path(media).read_bytes() == FILM
    assert list(bench.player.cache.parts_folder.iterdir()) == []
    bench.close()


def test_a_response_that_does_not_resume_restarts_the_download(tmp_path, server):
    bench = made(tmp_path, server)
    server.serve_playlist({"c/film": (FILM, 2000)}, begin=START, serial=2)
    part = bench.player.cache.parts_folder / f"{hash_bytes(FILM)}.part"
    part.write_bytes(os.urandom(1000))
    part.with_suffix(".etag").write_text('"another"')
    bench.poll_and_download()
    media = bench.player.cache.newest.playlist.items["c/film"].media[0]
    assert bench.player.cache.get_path(media).read_bytes() == FILM
    bench.close()


def test_a_partial_file_is_never_used_as_a_medium(tmp_path, server):
    bench = made(tmp_path, server)
    bench.poll_and_download()
    server.serve_playlist({"c/film": (FILM, 2000)}, begin=START, serial=2)
    playlist = server.playlist
    name = get_file_name(playlist.items["c/film"].media[0])
    (bench.player.cache.parts_folder / f"{hash_bytes(FILM)}.part").write_bytes(FILM[:-1])
    (bench.player.cache.media_folder / name).write_bytes(FILM[:-5])
    assert bench.player.cache.get_path(playlist.items["c/film"].media[0]) is None
    bench.close()


def test_media_corrupted_on_disk_are_deleted_and_downloaded_again(tmp_path, server):
    bench = made(tmp_path, server)
    bench.poll_and_download()
    bench.close()
    path = next((tmp_path / "cache" / "media").glob(hash_bytes(RED) + "*"))
    path.write_bytes(RED[:-4] + b"BAD!")
    again = made(tmp_path, server)
    again.play(1)
    assert again.driver.get_color() == (0, 0, 90)
    assert again.list_faults() == ["media-spoiled c/red"]
    again.download_all()
    again.play(4)
    assert again.driver.get_color() == (255, 0, 0)
    assert again.list_faults() == []
    again.close()


def test_an_offline_player_plays_from_its_cache(tmp_path, server):
    bench = made(tmp_path, server)
    bench.poll_and_download()
    bench.close()
    server.stop()
    again = made(tmp_path, server)
    assert again.poll() < 60
    again.play(10)
    assert again.driver.get_color() == (255, 0, 0)
    assert again.player.play_log.count_unacknowledged() >= 4
    again.close()


# -- a full disk -------------------------------------------------------------------------------------------------


def big(color: tuple[int, int, int]) -> bytes:
    return create_png(color) + os.urandom(200_000)


@pytest.mark.parametrize("honest", [True, False], ids=["free space is told", "a quota that does not show"])
def test_a_full_disk_does_not_interrupt_the_old_loop_and_recovers_without_a_restart(tmp_path, server, honest):
    disk = LimitedDisk(400_000)
    bench = made(tmp_path, server, disk=disk)
    old, new = big((255, 0, 0)), big((0, 255, 0))
    more = big((0, 0, 255))
    server.serve_playlist({"c/old": (old, 2000)}, begin=START)
    bench.poll_and_download()
    assert bench.serial == 1
    disk.free, disk.reports_free_space = 150_000, honest
    server.serve_playlist({"c/new": (new, 2000), "c/more": (more, 2000)}, begin=START, serial=2)
    bench.poll_and_download()
    bench.play(5)
    assert bench.serial == 1 and bench.driver.get_color() == (255, 0, 0)
    assert "no-room c/new" in bench.list_faults()
    assert list(bench.player.cache.parts_folder.iterdir()) == []
    assert len(list(bench.player.cache.media_folder.iterdir())) == 2

    def asked() -> int:
        return len([path for _, path, _ in server.requests if hash_bytes(new) in path])

    before = asked()
    for _ in range(30):
        bench.time_source.advance(10)
        bench.download_all()
    assert asked() - before <= 5
    disk.free = 1 << 30
    bench.time_source.advance(60)
    bench.download_all()
    bench.play(3)
    assert bench.serial == 2 and bench.list_faults() == []
    bench.close()


def test_unused_media_are_deleted_first(tmp_path, server):
    bench = made(tmp_path, server, cache_bytes=500_000)
    first, second, third = big((1, 0, 0)), big((2, 0, 0)), big((3, 0, 0))
    for serial, data in ((1, first), (2, second), (3, third)):
        server.serve_playlist({"c/x": (data, 2000)}, begin=START, serial=serial)
        bench.poll_and_download()
        assert bench.serial == serial
    names = {p.name[:64] for p in bench.player.cache.media_folder.iterdir()}
    assert hash_bytes(third) in names and hash_bytes(first) not in names
    assert sum(p.stat().st_size for p in bench.player.cache.media_folder.iterdir()) <= 500_000
    bench.close()


def test_media_of_the_current_playlist_are_never_deleted_for_the_next(tmp_path, server):
    bench = made(tmp_path, server, cache_bytes=300_000)
    old, new = big((255, 0, 0)), big((0, 255, 0))
    server.serve_playlist({"c/old": (old, 2000)}, begin=START)
    bench.poll_and_download()
    server.serve_playlist({"c/new": (new, 2000)}, begin=START, serial=2)
    bench.poll_and_download()
    bench.play(3)
    assert bench.serial == 1 and bench.driver.get_color() == (255, 0, 0)
    assert bench.list_faults() == ["no-room c/new"]
    bench.close()


def test_without_space_for_the_playlist_it_waits_in_memory(tmp_path, server):
    disk = LimitedDisk()
    bench = made(tmp_path, server, disk=disk)
    bench.poll_and_download()
    disk.free = 0
    server.serve_playlist({"c/red": (RED, 3000)}, begin=START, serial=2)
    bench.poll()
    assert bench.list_faults() == ["no-room playlist"]
    bench.download_all()
    assert bench.serial == 2
    asked = len(server.requests)
    bench.poll()
    assert server.requests[asked][2].get("If-None-Match")
    assert bench.list_faults() == []
    bench.close()


def test_an_unchanged_poll_costs_a_304(tmp_path, server):
    bench = made(tmp_path, server)
    bench.poll_and_download()
    before = len(server.requests)
    for _ in range(5):
        bench.poll()
    assert {h.get("If-None-Match") is not None for _, _, h in server.requests[before:]} == {True}
    assert bench.serial == 1
    bench.close()


def test_a_request_on_a_closed_keep_alive_connection_is_retried_once(tmp_path, server):
    bench = made(tmp_path, server)
    bench.poll_and_download()
    dropped = []

    def spoil(handler):
        if dropped:
            return False
        dropped.append(handler.path)
        handler.close_connection = True
        return True

    server.intercept = spoil
    bench.poll()
    assert dropped and bench.list_faults() == []
    bench.close()
