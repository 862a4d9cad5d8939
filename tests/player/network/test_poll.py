"""Refusals of the player: each is reported once in the status, and playback continues."""

import base64
from datetime import UTC, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signage.player.health import FaultBoard, PlayerError
from signage.protocol.playlist import encode_playlist
from signage.protocol.signing import PublicKey, PublicKeySet, compute_key_id, sign_document
from tests.support.player_harness import NOON, FakeTimeSource, PlayerHarness
from tests.support.screen_server import ScreenServer, create_png, hash_bytes

RED, GREEN = create_png((255, 0, 0)), create_png((0, 255, 0))
START = NOON - timedelta(hours=1)


@pytest.fixture
def server():
    with ScreenServer() as running:
        running.serve_playlist({"c/red": (RED, 2000)}, begin=START)
        yield running


@pytest.fixture
def bench(tmp_path, server):
    made = PlayerHarness(tmp_path / "cache", server.url)
    server.clock = made.time_source.now
    yield made
    made.close()


def playing(bench: PlayerHarness, serial: int) -> bool:
    bench.play(3)
    return bench.serial == serial and bench.driver.get_color() == (255, 0, 0)


def refuse_all(bench: PlayerHarness, fault: str) -> None:
    """Poll repeatedly: playback continues, and the fault is reported once."""
    waits = [bench.poll() for _ in range(6)]
    bench.download_all()
    assert playing(bench, 1)
    assert [f for f in bench.list_faults() if f.startswith(fault)] == bench.list_faults()
    assert len(bench.list_faults()) == 1
    assert waits[-1] > waits[0]


def test_each_fault_is_logged_when_it_appears_and_when_it_ends(tmp_path, server):
    said: list[str] = []
    bench = PlayerHarness(tmp_path / "c", server.url, log=said.append)
    server.clock = bench.time_source.now
    server.intercept = lambda handler: not handler.send_answer(401)
    for _ in range(3):
        bench.poll()
    assert said == ["trouble: token-refused"]
    server.intercept = lambda handler: False
    bench.poll()
    assert said == ["trouble: token-refused", "over: token-refused"]
    bench.close()


def test_one_fault_with_two_causes_is_logged_once():
    said: list[str] = []
    board = FaultBoard(said.append)
    for cause in ("media a", "media b"):
        board.set_fault(cause, PlayerError("no-room", "c/i"))
    board.clear("media a")
    assert said == ["trouble: no-room c/i"]
    board.clear_all_except("media ", frozenset())
    assert said == ["trouble: no-room c/i", "over: no-room c/i"]
    board.clear("media a", "media b")
    board.set_fault("media a", PlayerError("media-cut", "c/i"))
    board.set_fault("media a", PlayerError("media-slow", "c/i"))
    assert said[2:] == ["trouble: media-cut c/i", "trouble: media-slow c/i", "over: media-cut c/i"]


def test_a_bad_signature(bench, server):
    bench.poll_and_download()
    assert playing(bench, 1)
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=2)
    server.sign_with = [Ed25519PrivateKey.generate()]
    refuse_all(bench, "document-signature")
    server.sign_with = None
    bench.poll_and_download()
    bench.play(1)
    assert bench.serial == 2 and bench.list_faults() == []


def test_no_signature_at_all(bench, server):
    bench.poll_and_download()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=2)
    server.sign_with = []
    refuse_all(bench, "document-signature")


def test_a_lower_serial(bench, server):
    server.serve_playlist({"c/red": (RED, 2000)}, begin=START, serial=5)
    bench.poll_and_download()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=4)
    bench.poll()
    bench.download_all()
    assert playing(bench, 5)
    assert bench.list_faults() == ["document-older 4"]


def test_a_lower_serial_after_a_restart_too(tmp_path, bench, server):
    server.serve_playlist({"c/red": (RED, 2000)}, begin=START, serial=5)
    bench.poll_and_download()
    bench.close()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=4)
    again = PlayerHarness(tmp_path / "cache", server.url, time_source=bench.time_source)
    again.poll_and_download()
    assert again.serial == 5 and again.list_faults() == ["document-older 4"]
    again.close()


def test_a_playlist_of_another_screen(bench, server):
    bench.poll_and_download()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=2, screen="case-street")
    refuse_all(bench, "document-other-screen case-street")


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"null", b'{"format":"signage.playlist/1"}'])
def test_a_malformed_playlist(bench, server, body):
    bench.poll_and_download()
    signed = sign_document(body, server.keys)

    def spoil(handler):
        if handler.path.endswith("playlist.json"):
            handler.send_answer(200, body, {"Playlist-Signature": signed, "ETag": '"x"'})
            return True
        return False

    server.intercept = spoil
    refuse_all(bench, "document-unreadable")


def test_a_truncated_playlist(bench, server):
    bench.poll_and_download()

    def spoil(handler):
        if not handler.path.endswith("playlist.json"):
            return False
        body = encode_playlist(server.playlist)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True
        return True

    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=2)
    server.intercept = spoil
    waits = [bench.poll() for _ in range(6)]
    assert playing(bench, 1) and len(bench.list_faults()) == 1 and waits[-1] > waits[0]


def test_an_endless_playlist_is_aborted(bench, server):
    bench.poll_and_download()
    bench.player.poller._max_bytes = 1 << 20
    sent = []

    def spoil(handler):
        if not handler.path.endswith("playlist.json"):
            return False
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        try:
            while sum(sent) < 200 << 20:
                handler.wfile.write(b" " * 65536)
                sent.append(65536)
        except OSError:
            pass
        return True

    server.intercept = spoil
    bench.poll()
    assert bench.list_faults() == ["answer-endless playlist.json"]
    server.wait_for(lambda: 0 < sum(sent) < 64 << 20)
    assert playing(bench, 1)


def test_an_hour_of_status_500_backs_off_and_playback_continues(bench, server):
    bench.poll_and_download()

    def spoil(handler):
        handler.send_answer(500, b"")
        return True

    server.intercept = spoil
    polls, hour = 0, 3600.0
    while hour > 0:
        wait = bench.poll()
        polls += 1
        hour -= wait
        bench.play(min(wait, 5))
    assert polls < 150
    assert bench.list_faults() == ["server-error 500"]
    server.intercept = lambda handler: False
    bench.poll()
    assert bench.list_faults() == []


def test_retry_after_is_honoured(bench, server):
    bench.poll_and_download()

    def spoil(handler):
        handler.send_answer(503, b"", {"Retry-After": "700"})
        return True

    server.intercept = spoil
    assert 700 <= bench.poll() <= 720


def test_a_medium_with_a_wrong_hash(bench, server):
    bench.poll_and_download()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=2)
    server.media[hash_bytes(GREEN)] = GREEN[:-1] + b"x"
    bench.poll_and_download()
    assert playing(bench, 1)
    assert bench.list_faults() == ["media-differs c/green"]
    asked = len([a for a in server.requests if hash_bytes(GREEN) in a[1]])
    for _ in range(5):
        bench.time_source.advance(10)
        bench.download_all()
    assert len([a for a in server.requests if hash_bytes(GREEN) in a[1]]) == asked
    server.media[hash_bytes(GREEN)] = GREEN
    bench.time_source.advance(60)
    bench.download_all()
    bench.play(1)
    assert bench.serial == 2 and bench.list_faults() == []


def test_an_endless_medium_is_aborted_and_refused(bench, server):
    bench.poll_and_download()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=2)
    server.media[hash_bytes(GREEN)] = GREEN + bytes(50 << 20)
    bench.poll_and_download()
    assert playing(bench, 1) and bench.list_faults() == ["media-differs c/green"]
    assert (
        not any(bench.player.cache.parts_folder.iterdir()) or bench.player.cache.parts_folder.stat().st_size < 1 << 20
    )


def test_an_unknown_or_revoked_token(tmp_path, server):
    other = PlayerHarness(tmp_path / "other", server.url, token="wrong")
    other.poll()
    assert other.list_faults() == ["token-refused"]
    other.close()


def test_the_key_of_the_command_line_must_be_the_servers(tmp_path, server):
    good = PlayerHarness(tmp_path / "good", server.url, key=server.get_key_id())
    good.poll_and_download()
    assert good.serial == 1
    good.close()
    bad = PlayerHarness(tmp_path / "bad", server.url, key="k0123456789abcdef")
    bad.poll_and_download()
    assert bad.serial is None and bad.list_faults() == ["key-not-found k0123456789abcdef"]
    bad.close()


def test_a_new_key_is_trusted_once_a_pinned_one_has_signed_the_list(bench, server):
    bench.poll_and_download()
    old, new = server.keys[0], Ed25519PrivateKey.generate()
    server.serve_playlist({"c/red": (RED, 2000)}, begin=START, serial=2)
    server.keys = [old, new]
    bench.poll_and_download()
    server.serve_playlist({"c/red": (RED, 2000)}, begin=START, serial=3)
    server.keys = [new]
    bench.poll_and_download()
    assert bench.serial == 3 and bench.list_faults() == []


def test_the_cached_playlist_outlives_the_key_that_signed_it(tmp_path, bench, server):
    bench.poll_and_download()
    old, new = server.keys[0], Ed25519PrivateKey.generate()
    server.keys = [old, new]
    server.playlist = server.serve_playlist({"c/red": (RED, 2000)}, begin=START, serial=2)
    bench.poll_and_download()
    server.keys, server.sign_with = [new], [new]
    bench.player.trust.update_keys(*keys_document(server, [old, new], [new]))
    bench.close()
    server.stop()
    again = PlayerHarness(tmp_path / "cache", server.url, time_source=bench.time_source)
    assert again.serial == 2
    again.close()


def test_a_withdrawn_key_is_dropped_at_the_next_playlist(bench, server):
    bench.poll_and_download()
    old, new = server.keys[0], Ed25519PrivateKey.generate()
    for serial, keys in ((2, [old, new]), (3, [new])):
        server.serve_playlist({"c/red": (RED, 2000)}, begin=START, serial=serial)
        server.keys = keys
        bench.poll_and_download()
        publics = [one.public_key().public_bytes_raw() for one in keys]
        assert sorted(bench.player.trust.pinned_keys) == sorted(compute_key_id(public) for public in publics)
    assert bench.list_faults() == []


def keys_document(server, signers, listed):
    """Build a keys.json of *listed*, signed by *signers*."""
    publics = [k.public_key().public_bytes_raw() for k in listed]
    body = msgspec.json.encode(
        PublicKeySet(tuple(PublicKey(compute_key_id(p), base64.b64encode(p).decode()) for p in publics))
    )
    return body, sign_document(body, signers)


def test_a_key_list_not_signed_by_a_pinned_key_changes_nothing(bench, server):
    bench.poll_and_download()
    thief = Ed25519PrivateKey.generate()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=2)
    server.keys = [thief]
    bench.poll_and_download()
    assert playing(bench, 1) and bench.list_faults() == ["document-signature"]


def test_the_cached_playlist_is_verified_again_at_the_start(tmp_path, bench, server):
    bench.poll_and_download()
    bench.close()
    path = tmp_path / "cache" / "current.signed"
    path.write_bytes(path.read_bytes().replace(b"c/red", b"c/rad"))
    again = PlayerHarness(tmp_path / "cache", server.url, time_source=bench.time_source)
    assert again.serial is None
    again.close()


def test_a_token_of_another_screen_clears_the_cache(tmp_path, bench, server):
    bench.poll_and_download()
    bench.play(5)
    run = bench.player.play_log.run_id
    bench.close()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=1, screen="case-street")
    import tests.support.screen_server as support

    support.TOKEN, before = "another", support.TOKEN
    try:
        again = PlayerHarness(tmp_path / "cache", server.url, time_source=bench.time_source, token="another")
        again.poll_and_download()
        again.play(1)
        assert again.player.cache.current.playlist.screen == "case-street"
        assert again.player.play_log.run_id != run
        assert again.player.play_log.count_unacknowledged() <= 1
        again.close()
    finally:
        support.TOKEN = before


def test_the_status_reports_each_active_fault_once(bench, server):
    bench.poll_and_download()
    server.serve_playlist({"c/green": (GREEN, 2000)}, begin=START, serial=1, screen="case-street")
    for _ in range(5):
        bench.poll()
        bench.player.reporter.send_status()
    told = [s["faults"] for s in server.statuses]
    assert told == [["document-other-screen case-street"]]
    bench.time_source.advance(61)
    bench.player.reporter.send_status()
    assert server.statuses[-1]["faults"] == ["document-other-screen case-street"]
    assert server.statuses[-1]["serial"] == 1


def test_an_unset_clock_waits_for_a_date_with_the_fallback(tmp_path, server):
    ticks = FakeTimeSource(NOON.replace(year=1970))
    server.clock = lambda: NOON
    first = PlayerHarness(tmp_path / "cache", server.url, time_source=FakeTimeSource(NOON))
    first.poll_and_download()
    first.close()
    boot = PlayerHarness(tmp_path / "cache", server.url, time_source=ticks)
    boot.play(3)
    assert boot.driver.get_color() == (0, 0, 90)
    boot.poll()
    boot.play(3)
    assert boot.driver.get_color() == (255, 0, 0)
    assert ticks.now().year == 1970
    boot.close()
    assert NOON.tzinfo is UTC
