"""Whose documents the kiosk believes, without a browser: by node's own Ed25519."""

from pathlib import Path

from tests.web.kiosk.kiosk_scripts import needs_node, run_script

KEYS = """
import { createHash } from "node:crypto";
import { Store } from "./offline_store.js";
import { Trust } from "./trust.js";
console.warn = () => {};
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
async function key() {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const raw = Buffer.from(await crypto.subtle.exportKey("raw", publicKey));
  const id = `k${createHash("sha256").update(raw).digest("hex").slice(0, 16)}`;
  return { id, ed25519: base64(raw), sign: (bytes) => crypto.subtle.sign("Ed25519", privateKey, bytes) };
}
const [a, b, c] = [await key(), await key(), await key()];
const bytes = new TextEncoder().encode("a document");
const signed = async (what, ...by) =>
  (await Promise.all(by.map(async (one) => `${one.id}=:${base64(await one.sign(what))}:`))).join(", ");
const net = { listed: [a], by: [a], asked: 0 };
async function keys() {
  net.asked += 1;
  if (net.listed === null) throw new TypeError("no network");
  const listed = net.listed.map(({ id, ed25519 }) => ({ id, ed25519 }));
  const document = new TextEncoder().encode(JSON.stringify({ keys: listed }));
  return { bytes: document, header: await signed(document, ...net.by) };
}
const store = await Store.open("test");
const faults = { list: [], set: (_, text) => faults.list.push(text), clear() {} };
async function trust() {
  const made = new Trust(store, faults, keys);
  await made.load();
  return made;
}
const holds = async (one, ...by) => one.holds(bytes, await signed(bytes, ...by));
const letter = (id) => "abc"[[a, b, c].findIndex((one) => one.id === id)];
const pinned = (one) => [...one.pins.keys()].map(letter).sort().join("");
"""


@needs_node
def test_keys_are_pinned_followed_and_dropped_as_the_server_lists_them(tmp_path: Path) -> None:
    found = run_script(
        KEYS
        + """
        const t = await trust();
        const out = [];
        const step = async (listed, by, ...document) => {
          Object.assign(net, { listed, by, asked: 0 });
          const held = await holds(t, ...document).catch((error) => error.name);
          out.push([held, pinned(t), net.asked]);
        };
        await step(null, [], a);              // nothing is pinned, and no keys can be had
        await step([a], [a], a);
        await step([a], [a], a);              // nothing new: not asked for
        await step([c], [c], c);              // signed by no pinned one
        await step([a, b], [a], a, b);        // b has not signed what names it
        await step([a, b], [a, b], a, b);     // answered: not asked for at every poll
        await step([a, b], [a, b], a, c);
        await step(null, [], a);              // no keys to be had: what is pinned counts
        await step([b], [b], b);              // a is withdrawn
        await step([b], [b], a);
        console.log(JSON.stringify({ out, again: pinned(await trust()), faults: faults.list }));
        """,
        tmp_path,
    )
    assert found == {
        "out": [
            ["TypeError", "", 1],
            [True, "a", 1],
            [True, "a", 0],
            [False, "a", 1],
            [True, "a", 1],
            [True, "a", 0],
            [True, "ab", 1],
            [True, "ab", 1],
            [True, "b", 1],
            [False, "b", 1],
        ],
        "again": "b",
        "faults": [],
    }


@needs_node
def test_the_key_that_the_enrolment_named_is_the_one_to_begin_with(tmp_path: Path) -> None:
    found = run_script(
        KEYS
        + """
        await store.set("root", b.id);
        const t = await trust();
        const out = [[await holds(t, a), pinned(t)]];
        Object.assign(net, { listed: [a, b], by: [a, b] });
        out.push([await holds(t, a), pinned(t)]);
        console.log(JSON.stringify(out));
        """,
        tmp_path,
    )
    assert found == [[False, ""], [True, "ab"]]


@needs_node
def test_what_was_believed_is_believed_after_a_reload_though_its_key_is_gone(tmp_path: Path) -> None:
    found = run_script(
        KEYS
        + """
        const t = await trust();
        const header = await signed(bytes, a);
        await holds(t, a);
        const by = await t.keyOf(bytes, header);
        t.pins.clear();
        net.asked = 0;
        const other = new TextEncoder().encode("another");
        const out = [];
        for (const [what, key] of [[bytes, by], [bytes, null], [other, by]]) out.push(await t.held(what, header, key));
        console.log(JSON.stringify([...out, net.asked, await t.holds(bytes, `${a.id}=:!:, ${a.id}=:A:`)]));
        """,
        tmp_path,
    )
    assert found == [True, False, False, 0, False]


@needs_node
def test_what_cannot_be_checked_is_said_as_it_is(tmp_path: Path) -> None:
    found = run_script(
        KEYS
        + """
        const subtle = { generateKey: async () => { throw new Error(); } };
        const able = [];
        for (const value of [{ subtle }, {}]) {
          Object.defineProperty(globalThis, "crypto", { value, configurable: true });
          const t = await trust();
          able.push(t.able, await t.holds(bytes, ""), await t.held(bytes, "", null));
        }
        console.log(JSON.stringify([able, faults.list]));
        """,
        tmp_path,
    )
    assert found == [
        [False, True, True, False, True, True],
        [
            "signatures are not checked: this browser has no Ed25519",
            "signatures and hashes are not checked: no secure context (HTTPS)",
        ],
    ]
