"""The kiosk's modules in node: by themselves, or as a player over a network and a storage in memory."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import signage.web.kiosk

STATIC = Path(signage.web.kiosk.__file__).with_name("static")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")


def run_script(script: str, tmp_path: Path) -> object:
    """What *script* writes as JSON; the kiosk's modules stand beside it."""
    for module in STATIC.glob("*.js"):
        (tmp_path / module.name).write_bytes(module.read_bytes())
    (tmp_path / "package.json").write_text('{"type":"module"}')
    (tmp_path / "test.js").write_text(script, "utf-8")
    done = subprocess.run(["node", "test.js"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


PLAYER_SCRIPT = """
import { Playlists } from "./playlists.js";
import { Faults } from "./faults.js";
import { DownloadQueue } from "./download_queue.js";
import { Media } from "./media.js";
import { Store } from "./offline_store.js";
import { createHash } from "node:crypto";

console.warn = () => {};
globalThis.document = { createElement: () => ({ canPlayType: () => "" }) };
export const kept = new Map();     // Cache Storage
export const room = { left: Infinity };
globalThis.caches = { open: async () => ({
  match: async (href) => kept.get(href)?.clone(),
  put: async (href, answer) => {
    if (kept.size >= room.left) throw Object.assign(new Error("full"), { name: "QuotaExceededError" });
    kept.set(href, answer);
  },
  keys: async () => [...kept.keys()].map((href) => ({ url: `http://here${href}` })),
  delete: async (request) => kept.delete(new URL(request.url).pathname),
}) };

export const asked = [];           // media that were asked for
export const heard = [];           // Date headers that the clock was given
export const ended = [];           // those whose connection this side closed
export const net = { document: null, media: new Map(), offline: false };
export function endless(href, piece) {
  return (signal) => new Response(new ReadableStream({
    start: (out) => signal.addEventListener("abort", () => { ended.push(href); out.error(signal.reason); }),
    pull: (out) => piece ? out.enqueue(piece) : new Promise(() => {}),
  }));
}
globalThis.fetch = async (href, { signal, headers }) => {
  if (net.offline) throw new TypeError("no network");
  if (href.endsWith("/playlist.json")) {
    if (net.instead) return net.instead();
    const etag = `"${net.document.serial}"`;
    if (headers["If-None-Match"] === etag) return new Response(null, { status: 304 });
    return new Response(JSON.stringify(net.document), { headers: { ETag: etag } });
  }
  asked.push(href);
  const known = net.media.get(href);
  return typeof known === "function" ? known(signal) : new Response(known, { status: known ? 200 : 404 });
};

export function medium(text) {
  const sha256 = createHash("sha256").update(text).digest("hex");
  const href = `/media/${sha256}.png`;
  net.media.set(href, text);
  return { href, type: "image/png", sha256, bytes: text.length, width: 1, height: 1 };
}
export function playlist(serial, now, later = now) {
  const items = {}, loops = {};
  const name = (media, loop) => { items[`c/${media.sha256}`] = { duration_ms: 1000, media: [media] };
    (loops[loop] ??= { loop_ms: 0, items: [] }).items.push(`c/${media.sha256}`); loops[loop].loop_ms += 1000; };
  now.forEach((media) => name(media, "l1"));
  later.forEach((media) => name(media, "l2"));
  const [t0, t1, t2] = [-1, 12, 24].map((hours) => new Date(Date.now() + hours * 3600e3).toISOString());
  return { format: "signage.playlist/1", screen: "taxi-0001", serial, items, loops, fallback: [loops.l1.items[0]],
    programs: [{ from: t0, until: t1, loop: "l1", phase_ms: 0 }, { from: t1, until: t2, loop: "l2", phase_ms: 0 }] };
}
export function player(store) {
  const faults = new Faults();
  const media = new Media("test", faults, { wanted: () => documents.addresses() });
  const clock = { now: () => Date.now(), hear: (date) => heard.push(date) };
  const trust = { holds: async () => true, held: async () => true, keyOf: async () => null };
  const documents = new Playlists({ base: "", store, trust, media, clock, faults });
  const steady = { at: 0 };
  const gather = new DownloadQueue({ documents, media, faults, steady: () => steady.at });
  documents.onPolled = () => gather.wake();
  return { documents, faults, gather, media, steady, serial: () => documents.shows?.playlist.serial };
}
export async function until(what) {
  for (let i = 0; i < 5000 && !what(); i += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  if (!what()) throw new Error(`never: ${what}`);
}
export const memory = () => Store.open("test");
"""


def run_player_script(script: str, tmp_path: Path) -> object:
    """What *script* writes, beside a page's documents and media over a network and a storage in memory."""
    (tmp_path / "bench.js").write_text(PLAYER_SCRIPT, "utf-8")
    names = "asked, ended, endless, heard, kept, medium, memory, net, player, playlist, room, until"
    end = "\nprocess.exit(0);"
    return run_script(f'import {{ {names} }} from "./bench.js";\n{script}{end}', tmp_path)
