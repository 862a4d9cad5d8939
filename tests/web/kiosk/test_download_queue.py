"""How the kiosk's documents and media come in, without a browser: by node, over a network and a storage in memory."""

from pathlib import Path

from tests.web.kiosk.kiosk_scripts import needs_node, run_player_script


@needs_node
def test_polls_go_on_while_media_come_in_and_a_newer_document_takes_their_place(tmp_path: Path) -> None:
    found = run_player_script(
        """
        const p = player(await memory());
        const good = medium("good"), slow = medium("slow"), other = medium("other");
        net.media.set(slow.href, endless(slow.href));
        net.document = playlist(1, [good]);
        await p.documents.poll();
        await until(() => p.serial() === 1);
        net.document = playlist(2, [slow, other]);
        for (let i = 0; i < 3; i += 1) await p.documents.poll();
        await until(() => asked.includes(slow.href));
        const during = [p.serial(), p.documents.newest.playlist.serial];
        net.document = playlist(3, [medium("takeover")]);
        await p.documents.poll();
        await until(() => p.serial() === 3 && ended.length);
        await until(() => p.gather.under.size === 0);
        const out = { during, slow: ended.includes(slow.href), faults: p.faults.list(),
          times: asked.filter((href) => href === slow.href).length };
        console.log(JSON.stringify(out));
        """,
        tmp_path,
    )
    assert found == {"during": [1, 2], "slow": True, "faults": [], "times": 1}


@needs_node
def test_a_takeover_whose_media_are_here_shows_while_a_film_that_it_needs_later_comes_in(tmp_path: Path) -> None:
    found = run_player_script(
        """
        const p = player(await memory());
        const good = medium("good"), slow = medium("slow");
        net.media.set(slow.href, endless(slow.href));
        net.document = playlist(1, [good], [slow]);
        await p.documents.poll();
        await until(() => p.serial() === 1 && asked.includes(slow.href));
        net.document = playlist(2, [medium("takeover")], [slow]);
        await p.documents.poll();
        await until(() => p.serial() === 2);
        console.log(JSON.stringify([ended, asked.filter((href) => href === slow.href).length]));
        """,
        tmp_path,
    )
    assert found == [[], 1]


@needs_node
def test_a_download_that_does_not_end_or_stands_still_is_broken_off_and_tried_again_later(tmp_path: Path) -> None:
    found = run_player_script(
        """
        const p = player(await memory());
        const good = medium("good"), still = medium("still"), more = medium("more");
        net.document = playlist(1, [good]);
        await p.documents.poll();
        await until(() => p.serial() === 1);
        const out = [];
        for (const [serial, bad, piece] of [[2, more, new Uint8Array(4096)], [3, still, undefined]]) {
          net.media.set(bad.href, endless(bad.href, piece));
          net.document = playlist(serial, [bad]);
          p.media.windowMs = piece ? 30000 : 5;
          await p.documents.poll();
          await until(() => p.gather.failed.has(bad.sha256) && p.gather.turning === null);
          const before = asked.length;
          await p.gather.wake();
          out.push([p.serial(), ended.includes(bad.href), asked.length - before, p.faults.list()]);
          if (bad === more) continue;
          p.media.windowMs = 30000;
          net.media.set(bad.href, "still");
          p.steady.at += 2000;
          await p.gather.wake();
          await until(() => p.serial() === 3 && p.faults.list().length === 0);
        }
        console.log(JSON.stringify({ out, names: [more.sha256.slice(0, 12), still.sha256.slice(0, 12)] }));
        """,
        tmp_path,
    )
    assert isinstance(found, dict)
    more, still = found["names"]
    assert found["out"] == [
        [1, True, 0, [f"media {more}: it has more than the 4 bytes announced"]],
        [1, True, 0, [f"media {still}: it came to a standstill (0.005 s)"]],
    ]


@needs_node
def test_a_full_storage_gives_room_first_and_then_memory_is_enough(tmp_path: Path) -> None:
    found = run_player_script(
        """
        let made = 0;
        const revoked = [];
        URL.createObjectURL = () => `blob:${made += 1}`;
        URL.revokeObjectURL = (url) => revoked.push(url);
        const p = player(await memory());
        let told = 0;
        p.faults.onChange = () => { told += 1; };
        kept.set("/media/old.png", new Response("old"));
        room.left = 1;
        const a = medium("a"), b = medium("b");
        net.document = playlist(1, [a]);
        await p.documents.poll();
        await until(() => p.serial() === 1);
        const first = [[...kept.keys()].join() === a.href, p.faults.list(), made];
        net.document = playlist(2, [a, b]);
        await p.documents.poll();
        await until(() => p.serial() === 2);
        for (let i = 0; i < 3; i += 1) await p.media.ensure(b);
        net.offline = true;
        await p.media.ensure(b);
        const full = [p.faults.list(), told, asked.length, await p.media.url(b), await p.media.url(b), made];
        await Promise.all([p.media.url(a), p.media.url(a)]);
        net.offline = false;
        net.document = playlist(3, [a]);
        await p.documents.poll();
        await until(() => p.serial() === 3 && p.faults.list().length === 0);
        console.log(JSON.stringify({ first, full, made, revoked }));
        """,
        tmp_path,
    )
    assert found == {
        "first": [True, [], 0],
        "full": [["media cannot be kept: QuotaExceededError"], 1, 2, "blob:1", "blob:1", 1],
        "made": 2,
        "revoked": ["blob:1"],
    }


@needs_node
def test_media_for_later_come_after_a_reload_too_though_the_document_is_unchanged(tmp_path: Path) -> None:
    found = run_player_script(
        """
        const store = await memory();
        const now = medium("now"), later = medium("later"), last = medium("last");
        net.media.delete(later.href);
        net.document = playlist(1, [now], [later, last]);
        const before = player(store);
        await before.documents.poll();
        await until(() => before.faults.list().length === 1 && kept.has(last.href));
        kept.delete(last.href);
        const p = player(store);
        await p.documents.load();
        await p.gather.wake();
        await until(() => p.faults.list().length === 1 && kept.has(last.href));
        net.media.set(later.href, "later");
        p.steady.at += 2000;
        await p.documents.poll();
        await until(() => p.faults.list().length === 0);
        console.log(JSON.stringify([p.serial(), kept.size, p.gather.under.size]));
        """,
        tmp_path,
    )
    assert found == [1, 3, 0]


@needs_node
def test_the_time_is_taken_only_from_answers_that_are_believed_and_new(tmp_path: Path) -> None:
    found = run_player_script(
        """
        const p = player(await memory());
        net.document = playlist(2, [medium("good")]);
        await p.documents.poll();
        heard.length = 0;
        const body = JSON.stringify(net.document), older = JSON.stringify({ ...net.document, serial: 1 });
        const answers = [[null, 304], [null, 304, "0"], [null, 304, "7"], [body, 200], [body, 200, "60"], [older, 200],
          ["<p>log in", 200], ["", 503], ["", 403]];
        const out = [];
        for (const [text, status, age] of answers) {
          net.instead = () => new Response(text, { status, headers: { Date: "now", ...(age ? { Age: age } : {}) } });
          await p.documents.poll().catch(() => {});
          out.push(heard.splice(0).length);
        }
        console.log(JSON.stringify(out));
        """,
        tmp_path,
    )
    assert found == [1, 1, 0, 1, 0, 0, 0, 0, 0]


@needs_node
def test_media_never_take_all_connections_that_a_browser_has(tmp_path: Path) -> None:
    found = run_player_script(
        """
        const p = player(await memory());
        const slow = Array.from({ length: 12 }, (_, i) => medium(`slow ${i}`)), good = medium("good");
        for (const { href } of slow) net.media.set(href, endless(href));
        net.document = playlist(1, [good], slow);
        await p.documents.poll();
        await until(() => p.serial() === 1);
        const turns = slow.slice(1, 7).map((media) => p.media.ensure(media, 3).catch((error) => error.message));
        await until(() => p.media.fetching === 3);
        net.document = playlist(2, slow.slice(7), slow);
        for (let i = 0; i < 3; i += 1) { await p.documents.poll(); await p.gather.wake(); }
        await until(() => p.media.fetching === 5);
        await p.media.ensure(good, 3);
        console.log(JSON.stringify([p.media.fetching, asked.length, await turns.at(-1)]));
        """,
        tmp_path,
    )
    assert found == [5, 6, "it is not here, and others are coming in"]
