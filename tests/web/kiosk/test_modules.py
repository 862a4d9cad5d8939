"""The kiosk's modules without a browser: held to the shared vectors by node."""

import json
from pathlib import Path

from PIL import Image

from tests.vectors import playback as showing
from tests.web.kiosk.kiosk_scripts import STATIC, needs_node, run_script


def test_the_vectors_are_those_of_the_rule() -> None:
    assert showing.FILE.read_text("utf-8") == showing.render_file()


def test_all_that_the_page_needs_is_kept_for_days_without_a_network() -> None:
    worker = (STATIC / "worker.js").read_text("utf-8")
    needed = {entry.name for entry in STATIC.iterdir()} - {"worker.js", "index.html", "enrol.html"}
    assert {name for name in needed if f'"{name}"' not in worker} == set()


@needs_node
def test_the_kiosk_shows_at_every_instant_what_the_rule_says(tmp_path: Path) -> None:
    wrong = run_script(
        f"""
        import {{ readFileSync }} from "node:fs";
        import {{ PlaylistTimeline }} from "./playback.js";
        const wrong = [];
        let count = 0;
        for (const {{ name, playlist, cases }} of JSON.parse(readFileSync({json.dumps(str(showing.FILE))}))) {{
          const shows = new PlaylistTimeline(playlist);
          for (const {{ at, clock_set, shows: due }} of cases) {{
            const found = shows.at(Date.parse(at), clock_set);
            count += 1;
            for (const key of Object.keys(due)) {{
              if (due[key] !== found[key]) wrong.push([name, at, clock_set, key, due[key], found[key]]);
            }}
          }}
        }}
        console.log(JSON.stringify({{ count, wrong }}));
        """,
        tmp_path,
    )
    assert isinstance(wrong, dict)
    assert wrong["wrong"] == []
    assert wrong["count"] > 400


@needs_node
def test_a_strip_and_pages_stand_where_the_clock_says(tmp_path: Path) -> None:
    found = run_script(
        """
        import { offset } from "./playback.js";
        const strip = { effect: "scroll-left", px_per_s: 60 };
        const pages = { effect: "pages", page_ms: 3000 };
        console.log(JSON.stringify([
          ...[0, 16, 17, 999, 1000, 6399, 6400, 6416].map((ms) => offset(strip, ms, 576, 64, 192, 64).x),
          ...[0, 2999, 3000, 8999, 9000].map((ms) => offset(pages, ms, 192, 192, 192, 64).y),
        ]));
        """,
        tmp_path,
    )
    assert found == [0, 0, 1, 59, 60, 383, 0, 0, 0, 0, 64, 128, 0]


@needs_node
def test_a_page_that_is_held_up_between_its_two_looks_at_the_clock_reads_the_right_time(tmp_path: Path) -> None:
    found = run_script(
        """
        import { Clock } from "./clock.js";
        const state = { steady: 5000, real: 1615766400000 };
        const pass = (ms) => { state.steady += ms; state.real += ms; };
        let holds = [];
        const wall = () => { pass(holds.shift() ?? 0); const at = state.real; pass(holds.shift() ?? 0); return at; };
        const out = [];
        for (const held of [[400, 0], [0, 400], [0, 1500, 300, 0], [3000, 7000]]) {
          holds = [...held];
          const clock = new Clock(wall, () => state.steady);
          let jumps = 0;
          clock.onJump = () => { jumps += 1; };
          const began = clock.now() - state.real;
          holds = [...held];
          clock.check();
          out.push([began, clock.now() - state.real, jumps]);
        }
        console.log(JSON.stringify(out));
        """,
        tmp_path,
    )
    assert found == [[0, 0, 0]] * 4


@needs_node
def test_the_clock_follows_the_server_only_where_its_own_is_wrong(tmp_path: Path) -> None:
    found = run_script(
        """
        import { Clock } from "./clock.js";
        const out = {};
        function made(wallOff) {
          const state = { steady: 5000, real: Date.parse("2021-03-15T00:00:00.000Z"), off: wallOff };
          const clock = new Clock(() => state.real + state.off, () => state.steady);
          const pass = (ms) => { state.steady += ms; state.real += ms; };
          const hear = (delay) => {
            const sent = state.steady; pass(delay / 2);
            const date = new Date(Math.floor(state.real / 1000) * 1000).toUTCString();
            pass(delay / 2); clock.hear(date, sent, state.steady);
          };
          return { state, clock, pass, hear, error: () => clock.now() - state.real };
        }
        let t = made(0); t.hear(40); out.right = t.error();
        t = made(300); t.pass(500); t.hear(40); out.inside = t.error();
        t = made(-86400000 * 365); t.hear(40); out.unset = Math.abs(t.error()) <= 520;
        for (let i = 0; i < 40; i += 1) { t.pass(1237); t.hear(40); }
        out.narrowed = [Math.abs(t.error()) <= 60, t.clock.error() <= 60];
        t.state.off += 3600000; t.clock.check(); out.jumped = Math.abs(t.error()) <= 60;
        t.hear(40); out.after = Math.abs(t.error()) <= 520;
        t = made(0); t.hear(40); t.state.off = 20; t.clock.check(); out.slewed = t.error();
        t = made(0); let jumps = 0; t.clock.onJump = () => { jumps += 1; };
        t.state.off = 7200000; t.clock.check(); out.unheard = [t.error(), jumps];
        t = made(0); t.clock.hear("nonsense", 0, 0); t.clock.hear(null, 0, 0);
        out.nonsense = [t.clock.heard, t.error()];
        t = made(-1e9);
        for (let i = 0; i < 5; i += 1) { t.pass(1237); t.hear(40); }
        const date = (off) => new Date(t.state.real + off).toUTCString();
        const stray = (off) => t.clock.hear(date(off), t.state.steady, t.state.steady + 9);
        const off = () => Math.round(t.error() / 1000);
        stray(86400000); out.stray = [off()];
        t.pass(1000); stray(-7200000); out.stray.push(off());
        t.pass(1000); t.hear(40); t.pass(1000); stray(-7200000); out.stray.push(off());
        t.pass(1000); stray(-7200000); out.stray.push(off());
        console.log(JSON.stringify(out));
        """,
        tmp_path,
    )
    assert found == {
        "right": 0,
        "inside": 300,
        "unset": True,
        "narrowed": [True, True],
        "jumped": True,
        "after": True,
        "slewed": 20,
        "unheard": [7200000, 1],
        "nonsense": [False, 0],
        "stray": [0, 0, 0, -7200],
    }


@needs_node
def test_numbers_that_can_never_be_sent_are_named(tmp_path: Path) -> None:
    found = run_script(
        """
        import { gaps } from "./play_sender.js";
        const waiting = (...seqs) => seqs.map((seq) => ({ seq }));
        console.log(JSON.stringify([gaps(0, waiting(1, 2)), gaps(4, waiting(7, 8, 12)), gaps(9, waiting(3, 10))]));
        """,
        tmp_path,
    )
    assert found == [[], [[5, 6], [9, 11]], []]


@needs_node
def test_plays_stay_until_they_are_acknowledged_and_only_what_is_gone_is_lost(tmp_path: Path) -> None:
    found = run_script(
        """
        import { Plays } from "./play_sender.js";
        import { Store } from "./offline_store.js";
        const store = await Store.open("test");
        const plays = new Plays({ base: "", store, faults: { set() {}, clear() {} } });
        await plays.load();
        let through = 0;
        const sent = [];
        delete globalThis.CompressionStream;
        globalThis.fetch = async (_, { body }) => {
          const batch = JSON.parse(body);
          sent.push([batch.plays.map((play) => play.seq), batch.lost]);
          return { ok: true, json: async () => ({ acknowledged_through: through }) };
        };
        const add = (count) => { for (let i = 0; i < count; i += 1) plays.add({ item: "c/i" }); };
        const more = [];
        const send = async (acknowledged) => { through = acknowledged; more.push(await plays.send()); };
        add(4);
        await send(0);           // answered, not settled
        await send(2);
        await send(99);          // more than was ever given
        add(2);
        await plays.adding;
        store.kept.delete(5);    // gone from this storage
        await send(6);
        add(1);
        await send(3);           // a server that was set back
        await send(7);
        const full = store.kept.set;
        store.kept.set = () => { throw new Error("full"); };
        add(2);
        await plays.adding;
        store.kept.set = full;
        add(1);
        await send(10);
        add(600);
        await send(10);          // full batches that nobody takes are not sent again at once
        await send(510);
        await send(610);
        console.log(JSON.stringify({ sent: sent.slice(0, 7), more: more.slice(7), left: store.kept.size }));
        """,
        tmp_path,
    )
    assert found == {
        "sent": [
            [[1, 2, 3, 4], []],
            [[1, 2, 3, 4], []],
            [[3, 4], []],
            [[6], [[5, 5]]],
            [[7], []],
            [[7], [[4, 6]]],
            [[10], [[8, 9]]],
        ],
        "more": [False, True, False],
        "left": 0,
    }


POLLING = """
import { Polling, hashToFraction } from "./polling.js";
import { parseRetryAfter } from "./playlists.js";
const asked = [];
globalThis.addEventListener = (_, act) => { globalThis.online = act; };
globalThis.setTimeout = (act, wait) => { asked.push(wait); globalThis.next = act; return asked.length; };
globalThis.clearTimeout = () => {};
const steady = { at: 0 };
function polling(screen, answer, poll_seconds = 30) {
  const newest = screen && { playlist: { screen, poll_seconds } };
  const documents = { newest, shows: newest, poll: answer ?? (async () => null) };
  const clock = { now: () => 1.6e12 + steady.at };
  return new Polling({ documents, faults: { set() {}, clear() {} }, clock, steady: () => steady.at, chance: () => 1 });
}
"""


@needs_node
def test_a_street_that_has_its_power_back_polls_over_a_whole_interval(tmp_path: Path) -> None:
    found = run_script(
        POLLING
        + """
        const tenths = new Array(10).fill(0);
        for (let i = 1; i <= 1000; i += 1) {
          polling(`taxi-${String(i).padStart(4, "0")}`).start();
          tenths[Math.floor((asked.at(-1) - 1000) / 3000)] += 1;
        }
        const starts = [Math.min(...asked), Math.max(...asked)];
        const one = polling("taxi-0001");
        one.start();
        const first = asked.at(-1);
        steady.at += 500;
        online();
        const online_later = first - asked.at(-1);
        const places = new Set();
        for (let i = 0; i < 9; i += 1) { steady.at += 7013; places.add(Math.round(steady.at + one.usual()) % 30000); }
        polling(null).start();
        console.log(JSON.stringify({ tenths, starts, online_later, places: places.size, nothing: asked.at(-1) }));
        """,
        tmp_path,
    )
    assert isinstance(found, dict)
    assert all(60 <= count <= 140 for count in found["tenths"])
    assert 1000 <= found["starts"][0] < found["starts"][1] < 31_000
    assert (found["online_later"], found["places"], found["nothing"]) == (500, 1, 0)


@needs_node
def test_polls_back_off_and_never_come_before_the_server_wants_them(tmp_path: Path) -> None:
    found = run_script(
        POLLING
        + """
        const failing = async () => { throw Object.assign(new Error("503"), { again: failing.again }); };
        failing.again = null;
        const p = polling("taxi-0001", failing);
        p.now();
        const out = [];
        for (let i = 0; i < 8; i += 1) { await next(); out.push(asked.at(-1) / 1000); }
        failing.again = 900;
        await next();
        out.push(asked.at(-1) / 1000);
        steady.at += 1000;
        p.now();
        out.push(asked.at(-1) / 1000);
        steady.at += 909000;
        p.now();
        out.push(asked.at(-1));
        const until = (text) => parseRetryAfter(text, Date.parse("2021-03-15T00:00:00Z"));
        const read = ["120", "Mon, 15 Mar 2021 00:01:00 GMT", "Mon, 15 Mar 2020 00:01:00 GMT", "soon", null].map(until);
        console.log(JSON.stringify({ out, read }));
        """,
        tmp_path,
    )
    assert found == {
        "out": [2, 4, 8, 16, 32, 64, 120, 120, 910, 909, 0],
        "read": [120, 60, 0, None, None],
    }


@needs_node
def test_only_one_poll_is_under_way(tmp_path: Path) -> None:
    found = run_script(
        POLLING
        + """
        let answer;
        const p = polling("taxi-0001", () => new Promise((resolve) => { answer = resolve; }));
        p.now();
        const turn = next();
        p.now();
        const during = asked.length;
        answer(null);
        await turn;
        console.log(JSON.stringify([during, asked.length]));
        """,
        tmp_path,
    )
    assert found == [1, 2]


@needs_node
def test_the_delays_of_a_gif_are_read_as_they_are_meant(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 10), c) for c in ("red", "lime", "blue", "white")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=[40, 10, 700, 20], loop=0)
    found = run_script(
        """
        import { readFileSync } from "node:fs";
        import { Animation, delays } from "./animation.js";
        const bytes = readFileSync("a.gif");
        globalThis.ImageDecoder = class {};
        const animation = new Animation(bytes);
        const times = [0, 39, 40, 139, 140, 839, 859, 860, 905];
        console.log(JSON.stringify([delays(bytes), times.map((t) => animation.frameAt(t))]));
        """,
        tmp_path,
    )
    assert found == [[40, 100, 700, 20], [0, 0, 1, 1, 2, 2, 3, 0, 1]]


@needs_node
def test_a_token_is_given_up_only_when_the_server_itself_refuses_it(tmp_path: Path) -> None:
    found = run_script(
        """
        import { refused } from "./token.js";
        const out = [];
        const problem = "application/problem+json";
        for (const [status, type] of [[401, problem], [403, problem], [200, "application/json"], [404, problem],
          [429, problem], [500, problem], [503, "text/html"], [401, "text/html"], [403, null], [0, null]]) {
          globalThis.fetch = async () => {
            if (status === 0) throw new TypeError("no network");
            return { status, headers: new Headers(type ? { "Content-Type": type } : {}) };
          };
          out.push(await refused("t"));
        }
        console.log(JSON.stringify(out));
        """,
        tmp_path,
    )
    assert found == [True, True] + [False] * 8
