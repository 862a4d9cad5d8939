// Whose bytes these are: Ed25519 over the exact bytes by a key that is pinned, sha256 for media.
// WebCrypto exists only in a secure context (HTTPS or localhost); elsewhere nothing can be checked, and the status
// says so.

const MEMBER = /^\s*(k[0-9a-f]{16})=:([A-Za-z0-9+/=]*):\s*(?:;.*)?$/;

export class Trust {
  constructor(store, faults, fetchKeys) {
    this.store = store;
    this.faults = faults;
    this.fetchKeys = fetchKeys;
    this.pins = new Map();
  }

  async load() {
    this.pins = new Map((await this.store.get("pins")) ?? []);
    this.able = await canVerify();
    if (!this.able) this.faults.set("unverified", "signatures and hashes are not checked: no secure context (HTTPS)");
  }

  // Whether `bytes` are signed by a pinned key. The first keys that the server shows are pinned; a further one counts
  // only from a keys.json that a pinned one signed.
  async holds(bytes, header) {
    if (!this.able) return true;
    if (this.pins.size && (await this.#signedBy(this.pins, bytes, header))) return true;
    await this.#learn();
    return this.#signedBy(this.pins, bytes, header);
  }

  async #learn() {
    const { bytes, header } = await this.fetchKeys();
    const offered = new Map();
    for (const key of JSON.parse(new TextDecoder().decode(bytes)).keys) offered.set(key.id, key.ed25519);
    const by = this.pins.size ? this.pins : offered;
    if (!(await this.#signedBy(by, bytes, header))) return;
    const own = new Set(members(header).keys());
    for (const [id, key] of offered) if (this.pins.size === 0 || !this.pins.has(id)) if (own.has(id)) this.pins.set(id, key);
    await this.store.set("pins", [...this.pins]);
  }

  async #signedBy(keys, bytes, header) {
    for (const [id, signature] of members(header)) {
      const known = keys.get(id);
      if (known && (await verified(id, unbase64(known), signature, bytes))) return true;
    }
    return false;
  }
}

async function canVerify() {
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

async function verified(id, raw, signature, bytes) {
  if (`k${(await sha256(raw)).slice(0, 16)}` !== id) return false;
  try {
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
    if (match) found.set(match[1], unbase64(match[2]));
  }
  return found;
}

function unbase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// The sha256 in hex; null where it cannot be had.
export async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
