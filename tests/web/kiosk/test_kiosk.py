"""The kiosk page in a real browser: what shows, what is reported, and what happens without a network."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from signage.protocol import playlist as pl
from signage.protocol import signing
from signage.protocol.playback import get_now_showing
from signage.protocol.plays import Play, PlayAcknowledgement
from signage.protocol.status import EnrolmentGrant
from tests.web.browser import needs_browser, open_chromium
from tests.web.media_server import OffsetClock, add_media, create_film, create_picture, create_ramp, serve
from tests.web.support import TOKEN, FakeInstallation, create_playlist

pytestmark = [needs_browser, pytest.mark.slow]
SHOWN = """() => { const s = globalThis.signage; return s && s.player.current && {
    item: s.player.current.item, began: s.player.current.began, now: s.clock.now(), able: s.documents.trust.able,
    faults: s.faults.list(), serial: s.documents.shows.playlist.serial }; }"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_chromium() as found:
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 800, "height": 300})
    found = context.new_page()
    found.complaints = []
    found.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.on("console", lambda m: found.complaints.append(m.text) if "Content Security" in m.text else None)
    yield found
    assert found.complaints == []
    context.close()


@pytest.fixture
def live(tmp_path: Path) -> FakeInstallation:
    return FakeInstallation(tmp_path, clock=OffsetClock())


def colored(server: FakeInstallation, duration_ms: int = 1000, **colors: str) -> dict[str, pl.PlaylistItem]:
    return {
        f"c/{name}": pl.PlaylistItem(
            kind="slogan",
            text=name,
            duration_ms=duration_ms,
            media=(add_media(server, create_picture(color), "image/png"),),
        )
        for name, color in colors.items()
    }


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def running(items: dict[str, pl.PlaylistItem], **more: Any) -> pl.Playlist:
    return msgspec.structs.replace(create_playlist(items, begins=now() - timedelta(hours=1), **more), poll_seconds=1)


def wait_for(what: Callable[[], Any], seconds: float = 15) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come")


def go(page: Any, port: int, host: str = "127.0.0.1") -> None:
    page.goto(f"http://{host}:{port}/s/{TOKEN}/")
    page.wait_for_selector("#waiting", state="hidden", timeout=15000)


def middle(page: Any) -> tuple[int, int, int]:
    """The colour in the middle of the window, as the browser painted it."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    found = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(found, tuple)
    return found  # type: ignore[return-value]


def plays(server: FakeInstallation) -> list[Play]:
    found = [p for p in server.intake.plays.values() if isinstance(p, Play)]
    return sorted(found, key=lambda p: p.seq)


def test_items_show_in_time_without_black_between_them_and_are_reported_once_each(
    page: Any, live: FakeInstallation
) -> None:
    items = colored(live, red="#c00000", green="#00c000")
    items["c/film"] = pl.PlaylistItem(
        kind="film", duration_ms=1000, media=(add_media(live, create_film(1, (0, 0, 200)), "video/mp4"),)
    )
    document = running(items)
    live.put_playlist(document)
    with serve(live) as port:
        go(page, port)
        seen = set()
        until = time.monotonic() + 7
        while time.monotonic() < until:
            color = middle(page)
            assert max(color) > 150, color
            seen.add(max(range(3), key=lambda channel: color[channel]))
            told = page.evaluate(SHOWN)
            if told:
                due = get_now_showing(document, datetime.fromtimestamp(told["now"] / 1000, UTC))
                assert told["item"] == due.item or due.elapsed_ms < 100
        assert seen == {0, 1, 2}
        wait_for(lambda: len(plays(live)) >= 5, 20)
        wait_for(lambda: live.statuses)
    found = plays(live)
    assert [p.seq for p in found] == list(range(1, len(found) + 1))
    assert [p.result for p in found[1:]] == ["completed"] * (len(found) - 1)
    assert {p.duration_ms for p in found[1:]} == {1000}
    begins = [datetime.fromisoformat(p.started_at) for p in found[1:]]
    assert {later - earlier for earlier, later in pairwise(begins)} == {timedelta(seconds=1)}
    for play in found[1:]:
        assert get_now_showing(document, datetime.fromisoformat(play.started_at)).item == play.item
    status = live.statuses[-1][1]
    assert (status.player, status.serial, status.faults) == ("kiosk", 1, ())


def test_a_strip_stands_at_the_column_that_the_clock_names(page: Any, live: FakeInstallation) -> None:
    strip = add_media(live, create_ramp(192 * 4), "image/png", (768, 64), pl.Motion("scroll-left", px_per_s=40))
    live.put_playlist(running({"c/strip": pl.PlaylistItem(kind="slogan", text="x", duration_ms=14400, media=(strip,))}))
    with serve(live) as port:
        go(page, port)
        for _ in range(5):
            time.sleep(0.3)
            column, early, late = page.evaluate(
                """() => new Promise((resolve) => requestAnimationFrame(() => {
                    const { player, stage, clock } = signage;
                    const early = clock.now() - player.current.began;
                    player.tick();
                    const [r, g] = stage.front.canvas.getContext("2d").getImageData(0, 32, 1, 1).data;
                    resolve([r * 256 + g, early, clock.now() - player.current.began]);
                }))"""
            )
            assert early * 40 // 1000 <= column <= late * 40 // 1000


def test_a_loop_of_one_film_goes_over_its_seam_without_black(page: Any, live: FakeInstallation) -> None:
    one = pl.PlaylistItem(
        kind="film", duration_ms=1000, media=(add_media(live, create_film(1, (200, 100, 0)), "video/mp4"),)
    )
    live.put_playlist(running({"c/film": one}))
    with serve(live) as port:
        go(page, port)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            assert max(middle(page)) > 150
        wait_for(lambda: len([p for p in plays(live) if p.result == "completed"]) >= 3, 20)


def test_a_film_that_the_browser_paints_late_is_not_black(page: Any, live: FakeInstallation) -> None:
    items = colored(live, 2000, red="#c00000")
    items["c/film"] = pl.PlaylistItem(
        kind="film", duration_ms=2000, media=(add_media(live, create_film(2, (0, 0, 200)), "video/mp4"),)
    )
    live.put_playlist(running(items))
    with serve(live) as port:
        go(page, port)
        page.evaluate("() => document.querySelectorAll('video').forEach((v) => { v.style.opacity = 0; })")
        for _ in range(2):
            page.wait_for_function("() => signage.player.current?.item === 'c/red'")
            page.wait_for_function("() => signage.player.current?.item === 'c/film'", polling=5)
            red, _, blue = middle(page)
            assert max(red, blue) > 150
            assert page.evaluate(
                "() => signage.stage.front.veiled || performance.now() - signage.stage.front.presented > 400"
            )
            page.wait_for_function("() => !signage.stage.front.veiled")
            page.wait_for_function("() => signage.stage.front.video.currentTime > 0.5")


def test_it_plays_on_after_a_reload_without_a_network_and_its_plays_arrive_later(
    page: Any, live: FakeInstallation
) -> None:
    live.put_playlist(running(colored(live, red="#c00000", green="#00c000")))
    with serve(live) as port:
        go(page, port)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("() => caches.keys().then((names) => names.length === 2)")
        wait_for(lambda: plays(live), 20)
    before = len(plays(live))
    page.reload()
    page.wait_for_selector("#waiting", state="hidden", timeout=15000)
    time.sleep(4)
    assert max(middle(page)) > 150
    assert any("not updated" in fault for fault in page.evaluate(SHOWN)["faults"])
    with serve(live, port):
        wait_for(lambda: len(plays(live)) >= before + 3, 40)
        wait_for(lambda: not page.evaluate("() => signage.faults.list()"), 40)
    found = plays(live)
    assert [p.seq for p in found] == list(range(1, len(found) + 1))
    assert len({p.started_at for p in found}) == len(found)


def test_plays_that_are_answered_but_not_settled_are_kept_over_a_reload(
    page: Any, live: FakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = running(colored(live, red="#c00000"))
    live.put_playlist(document)
    settle = live.intake.submit
    monkeypatch.setattr(live.intake, "submit", lambda screen, body: PlayAcknowledgement(0, 0, 0, ()))
    with serve(live) as port:
        go(page, port)
        wait_for(lambda: page.evaluate("async () => (await signage.store.waiting(9)).plays.length >= 2"))
        page.evaluate("() => signage.plays.send()")
        page.reload()
        page.wait_for_selector("#waiting", state="hidden", timeout=15000)
        kept = page.evaluate("async () => (await signage.store.waiting(9)).plays.map((play) => play.seq)")
        assert kept[:2] == [1, 2]
        monkeypatch.setattr(live.intake, "submit", settle)
        page.evaluate("() => signage.plays.send()")
        assert [p.seq for p in plays(live)][:2] == [1, 2]
        assert page.evaluate("async () => (await signage.store.waiting(1)).plays.every((play) => play.seq > 2)")


def test_a_new_document_shows_within_a_poll_and_its_media_come_first(page: Any, live: FakeInstallation) -> None:
    old = running(colored(live, red="#c00000"), serial=1)
    live.put_playlist(old)
    with serve(live) as port:
        go(page, port)
        late = colored(live, duration_ms=60_000, blue="#0000c0")
        name = late["c/blue"].media[0].sha256
        (live.root / name).rename(live.root / "hidden")
        live.put_playlist(running(late, serial=2), modified_at=1)
        time.sleep(3)
        assert middle(page)[0] > 150
        (live.root / "hidden").rename(live.root / name)
        wait_for(lambda: middle(page)[2] > 150)


def test_a_takeover_shows_while_a_medium_of_the_document_before_it_does_not_come(
    page: Any, live: FakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.put_playlist(running(colored(live, red="#c00000"), serial=1))
    stuck = running(colored(live, duration_ms=60_000, blue="#0000c0"), serial=2)
    asked, over, blob = threading.Event(), threading.Event(), live.blob

    def slow(sha256: str) -> Path | None:
        if sha256 == stuck.items["c/blue"].media[0].sha256:
            asked.set()
            over.wait(30)
        return blob(sha256)

    monkeypatch.setattr(live, "blob", slow)
    with serve(live) as port:
        go(page, port)
        live.put_playlist(stuck)
        wait_for(asked.is_set)
        live.put_playlist(running(colored(live, duration_ms=60_000, green="#00c000"), serial=3))
        wait_for(lambda: middle(page)[1] > 150)
        assert page.evaluate("() => [signage.documents.coming, signage.media.loading.size]") == [None, 0]
        over.set()


@pytest.mark.parametrize("wrong", ["signature", "serial", "screen", "media", "bytes"])
def test_what_is_not_right_is_refused_and_the_old_plays_on(page: Any, live: FakeInstallation, wrong: str) -> None:
    good = running(colored(live, red="#c00000"), serial=5)
    live.put_playlist(good)
    with serve(live) as port:
        go(page, port)
        other = running(colored(live, blue="#0000c0"), serial=6)
        shelved = live.put_playlist(other)
        if wrong == "signature":
            shelved.get_signature = lambda: live.shelf.tokens["old"].get_signature()  # type: ignore[method-assign]
            live.put_playlist(good, "old")
        elif wrong == "serial":
            live.put_playlist(msgspec.structs.replace(other, serial=4))
        elif wrong == "screen":
            live.put_playlist(msgspec.structs.replace(other, screen="taxi-0002"))
        elif wrong == "media":
            (live.root / other.items["c/blue"].media[0].sha256).write_bytes(create_picture("#0000c1"))
        else:
            shelved.get_document = lambda: b"{"  # type: ignore[method-assign]
        faults = wait_for(lambda: page.evaluate("() => signage.faults.list()"))
        assert len(faults) == 1
        told = page.evaluate(SHOWN)
        assert (told["serial"], told["item"]) == (5, "c/red")
        assert middle(page)[0] > 150
        wait_for(lambda: live.statuses and live.statuses[-1][1].faults == tuple(faults))


def test_without_a_secure_context_it_plays_and_says_that_nothing_is_checked(page: Any, live: FakeInstallation) -> None:
    live.put_playlist(running(colored(live, red="#c00000")))
    with serve(live) as port:
        go(page, port, "signage.test")
        assert page.evaluate("() => isSecureContext") is False
        told = wait_for(lambda: page.evaluate(SHOWN))
        assert told["able"] is False
        assert len(told["faults"]) == 2
        assert middle(page)[0] > 150
        wait_for(lambda: plays(live), 20)


def test_dark_by_order_is_dark_and_brightness_dims(page: Any, live: FakeInstallation) -> None:
    document = running(colored(live, red="#ff0000"))
    program = document.programs[0]
    cut = now() + timedelta(seconds=4)
    parts = (
        msgspec.structs.replace(program, until=cut),
        msgspec.structs.replace(program, from_=cut, until=cut + timedelta(seconds=2), loop=None),
        msgspec.structs.replace(program, from_=cut + timedelta(seconds=2)),
    )
    dim = (pl.BrightnessChange(document.issued_at, 100), pl.BrightnessChange(cut, 50))
    live.put_playlist(msgspec.structs.replace(document, programs=parts, brightness=dim))
    with serve(live) as port:
        go(page, port)
        assert middle(page)[0] == 255
        wait_for(lambda: max(middle(page)) == 0)
        wait_for(lambda: 120 <= middle(page)[0] <= 135)


def test_a_clock_that_is_wrong_by_years_shows_what_is_due_now(browser: Any, live: FakeInstallation) -> None:
    document = running(colored(live, red="#c00000", green="#00c000"))
    live.put_playlist(document)
    context = browser.new_context(viewport={"width": 800, "height": 300})
    page = context.new_page()
    page.add_init_script("const real = Date.now; Date.now = () => real() - 7 * 365 * 86400e3;")
    with serve(live) as port:
        go(page, port)
        told = wait_for(lambda: page.evaluate(SHOWN))
        assert abs(told["now"] - time.time() * 1000) < 1500
    context.close()


def test_a_screen_without_a_token_shows_a_code_and_becomes_the_screen(page: Any, live: FakeInstallation) -> None:
    live.put_playlist(running(colored(live, red="#c00000")))
    with serve(live) as port:
        page.goto(f"http://127.0.0.1:{port}/kiosk/")
        page.wait_for_function("() => /[A-Z0-9]{4}-[A-Z0-9]{4}/.test(document.getElementById('code').textContent)")
        found = live.enrolments.find_pending(page.text_content("#code"))
        assert found is not None
        live.enrolments.complete(
            found.id,
            EnrolmentGrant("taxi-0001", TOKEN, signing.compute_key_id(live.key.public_key().public_bytes_raw())),
        )
        page.wait_for_url(f"**/s/{TOKEN}/", timeout=15000)
        page.wait_for_selector("#waiting", state="hidden", timeout=15000)
        assert middle(page)[0] > 150
        assert page.evaluate("() => [...signage.documents.trust.pins.keys()][0] === signage.documents.trust.root")
        page.goto(f"http://127.0.0.1:{port}/kiosk/")
        page.wait_for_url(f"**/s/{TOKEN}/", timeout=15000)
        live.shelf.tokens[TOKEN].revoked = True
        page.goto(f"http://127.0.0.1:{port}/kiosk/")
        page.wait_for_function("() => /[A-Z0-9]{4}-[A-Z0-9]{4}/.test(document.getElementById('code')?.textContent)")
        assert page.url.endswith("/kiosk/")


def test_the_page_has_the_same_content_with_and_without_its_slash(server: FakeInstallation) -> None:
    client = server.create_client()
    one, other = client.get(f"/s/{TOKEN}"), client.get(f"/s/{TOKEN}/")
    assert one.status_code == other.status_code == 200
    assert one.data == other.data and TOKEN.encode() not in one.data
    policy = one.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "unsafe" not in policy
    assert client.get(f"/s/{TOKEN}/worker.js").headers["Service-Worker-Allowed"] == f"/s/{TOKEN}"
    assert client.get("/kiosk/worker.js").content_type == "text/javascript; charset=utf-8"
    assert client.get("/kiosk/../app.py").status_code == 404


def animation(*colors: str, ms: int = 500) -> bytes:
    """A GIF of frames of one colour."""
    first, *rest = (Image.new("RGB", (192, 64), color) for color in colors)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=rest, duration=ms, loop=0)
    return out.getvalue()


def test_an_animated_picture_shows_by_the_clock(page: Any, live: FakeInstallation) -> None:
    shown = add_media(live, animation("#c00000", "#00c000", "#0000c8"), "image/gif")
    document = running({"c/a": pl.PlaylistItem(kind="film", duration_ms=3000, media=(shown,))})
    live.put_playlist(document)
    with serve(live) as port:
        go(page, port)
        wait_for(lambda: page.evaluate(SHOWN))
        right, seen = [], set()
        until = time.monotonic() + 4
        while time.monotonic() < until:
            before = page.evaluate(SHOWN)["now"]
            color = middle(page)
            after = page.evaluate(SHOWN)["now"]
            due = {
                get_now_showing(document, datetime.fromtimestamp(t / 1000, UTC)).elapsed_ms % 1500 // 500
                for t in (before - 150, before, after)
            }
            frame = max(range(3), key=lambda channel: color[channel])
            right.append(frame in due)
            seen.add(frame)
        assert (seen, sum(right) >= 0.85 * len(right)) == ({0, 1, 2}, True)
