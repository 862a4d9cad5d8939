// Whose bytes these are: Ed25519 over the exact bytes by a key that is pinned, sha256 for media.
// 1. The key that the enrolment named, else the first that is seen, is pinned; both by way of keys.json, which each of
//    its keys has signed.
// 2. A further key counts only from a keys.json that a pinned one signed; keys that it no longer lists are dropped. It
//    is asked for where a document's keys are others than those pinned.
// WebCrypto exists only in a secure context (HTTPS or localhost), Ed25519 not in every browser; what cannot be checked
// stands in the status.

const MEMBER = /^\s*(k[0-9a-f]{16})=:([A-Za-z0-9+/=]*):\s*(?:;.*)?$/;
const MOST_KEYS = 16;

export class Trust {
  constructor(store, faults, fetchKeys) {
    this.store = store;
    this.faults = faults;
    this.fetchKeys = fetchKeys;
    this.pins = new Map();
    this.answered = null;
  }

  async load() {
    this.pins = new Map((await this.store.get("pins")) ?? []);
    this.root = (await this.store.get("root")) ?? null;
    this.able = await canVerify();
    if (this.able) return;
    const why = globalThis.crypto?.subtle
      ? "signatures are not checked: this browser has no Ed25519"
      : "signatures and hashes are not checked: no secure context (HTTPS)";
    this.faults.set("unverified", why);
  }

  // Whether `bytes` are signed by a pinned key.
  async holds(bytes, header) {
    if (!this.able) return true;
    if (this.#needsKeys(header)) {
      await this.#learn(header).catch((error) => {
        if (this.pins.size === 0) throw error;
      });
    }
    return (await signer(this.pins, bytes, header)) !== null;
  }

  // Whether `bytes` of our own storage are signed by a pinned key or by `key`, by which they were believed.
  async held(bytes, header, key) {
    if (!this.able) return true;
    return (await signer(new Map([...this.pins, ...(key ? [key] : [])]), bytes, header)) !== null;
  }

  // The key by which `bytes` are believed, as [KEYID, base64]; null where nothing is checked.
  async keyOf(bytes, header) {
    const id = this.able ? await signer(this.pins, bytes, header) : null;
    return id && [id, this.pins.get(id)];
  }

  // Whether the keys of a signature are others than those pinned, and keys.json has not answered that already.
  #needsKeys(header) {
    const named = names(members(header).keys());
    return this.pins.size === 0 || (named !== names(this.pins.keys()) && named !== this.answered);
  }

  async #learn(asking) {
    const { bytes, header } = await this.fetchKeys();
    const { keys } = JSON.parse(new TextDecoder().decode(bytes));
    if (keys.length > MOST_KEYS) return;
    const believed = new Map();
    for (const { id, ed25519 } of keys) {
      if (await signer(new Map([[id, ed25519]]), bytes, header)) believed.set(id, ed25519);
    }
    const trusted = this.pins.size ? await signer(this.pins, bytes, header) : believed.has(this.root ?? first(believed));
    if (!trusted || believed.size === 0) return;
    this.answered = names(members(asking).keys());
    if (names(believed.keys()) === names(this.pins.keys())) return;
    this.pins = believed;
    await this.store.set("pins", [...believed]);
  }
}

function first(keys) {
  return keys.keys().next().value;
}

function names(ids) {
  return [...ids].sort().join(" ");
}

// The first of `keys` (KEYID → base64) that has signed `bytes`; null if none has.
async function signer(keys, bytes, header) {
  for (const [id, signature] of members(header)) {
    const known = keys.get(id);
    if (known && (await verified(id, known, signature, bytes))) return id;
  }
  return null;
}

async function canVerify() {
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

async function verified(id, known, signature, bytes) {
  try {
    const raw = unbase64(known);
    if (`k${(await sha256(raw)).slice(0, 16)}` !== id) return false;
    const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, key, signature, bytes);
  } catch {
    return false;
  }
}

// The members of a Playlist-Signature header: KEYID → signature.
export function members(header) {
  const found = new Map();
  for (const word of (header ?? "").split(",")) {
    const match = MEMBER.exec(word);
    if (match && unbase64(match[2])) found.set(match[1], unbase64(match[2]));
  }
  return found;
}

// The bytes; null where it is not base64.
function unbase64(text) {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

// The sha256 in hex; null where it cannot be had.
export async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
