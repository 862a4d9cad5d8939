// The playlist document: polled, verified, kept, and adopted once all that its present program needs is here.
// A document with a bad signature, a lower serial or another screen's name is refused; what was there plays on.
// One that is believed waits beside what shows while its media come in, and polls go on: a newer one takes its place.

import { whole } from "./bounded.js";
import { Shows } from "./showing.js";

const FORMAT = "signage.playlist/1";
const PATIENCE_MS = 20000;
const MOST_BYTES = 64 << 20;

export class Documents {
  constructor({ base, store, trust, media, clock, faults }) {
    Object.assign(this, { base, store, trust, media, clock, faults });
    this.shows = null;
    this.current = null;
    this.coming = null;
    this.onAdopt = () => {};
    this.onPolled = () => {};
  }

  // Take up what was in use before the reload.
  async load() {
    const kept = await this.store.get("document");
    if (!kept) return;
    const playlist = JSON.parse(new TextDecoder().decode(kept.bytes));
    if (!(await this.trust.held(kept.bytes, kept.header, kept.key))) return;
    this.#use({ ...kept, playlist, shows: new Shows(playlist) });
  }

  // The newest document that was believed, showing or not.
  get newest() {
    return this.coming ?? this.current;
  }

  // Ask the server once. Gives the seconds after which it wants to be asked again, null for "as usual".
  async poll() {
    const etag = this.newest?.etag;
    const headers = etag ? { "If-None-Match": etag } : {};
    const sent = performance.now();
    const answer = await fetch(`${this.base}/playlist.json`, {
      headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const came = performance.now();
    const again = secondsOf(answer.headers.get("Retry-After"), this.clock.now());
    if (!answer.ok && answer.status !== 304) {
      throw Object.assign(new Error(`the server answers ${answer.status}`), { again });
    }
    if (answer.status === 304) this.faults.clear("document");
    if (answer.status === 304 || (await this.#offered(answer))) this.#hear(answer, sent, came);
    this.onPolled();
    return again;
  }

  // The server's time, from an answer that is believed and was not kept by a cache on the way.
  #hear(answer, sent, came) {
    const { headers } = answer;
    if (["", "0"].includes((headers.get("Age") ?? "").trim())) this.clock.hear(headers.get("Date"), sent, came);
  }

  // Whether what came is believed.
  async #offered(answer) {
    const bytes = await whole(answer, MOST_BYTES);
    const header = answer.headers.get("Playlist-Signature");
    const etag = answer.headers.get("ETag");
    const playlist = await this.#checked(bytes, header);
    if (playlist === null) return false;
    this.faults.clear("document");
    this.coming = { bytes, header, etag, playlist, shows: new Shows(playlist) };
    return true;
  }

  async #checked(bytes, header) {
    const refuse = (why) => {
      this.faults.set("document", `document refused: ${why}`);
      return null;
    };
    if (!(await this.trust.holds(bytes, header))) return refuse("its signature does not hold");
    let playlist;
    try {
      playlist = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      new Shows(playlist).at(this.clock.now());
      if (!sound(playlist)) return refuse("its parts do not fit together");
    } catch {
      return refuse("it cannot be read");
    }
    if (playlist.format !== FORMAT) return refuse("it has another format");
    const screen = this.newest?.playlist.screen ?? (await this.store.get("screen"));
    if (screen && playlist.screen !== screen) return refuse("it is another screen's");
    if (this.newest && playlist.serial < this.newest.playlist.serial) return refuse("its serial is lower");
    return playlist;
  }

  // Let the document that waits show, if all is here that it needs first; media switch as a set.
  async adopt() {
    const { coming } = this;
    if (!coming) return;
    for (const media of this.#first(coming)) if (!(await this.media.here(media))) return;
    if (this.coming !== coming) return;
    this.coming = null;
    this.#use(coming);
    this.#keep(coming).then(
      () => this.faults.clear("kept"),
      (error) => this.faults.set("kept", `the document cannot be kept: ${error?.name}`),
    );
  }

  // The media that the present documents need, each once: before all else, and later.
  needs() {
    const held = [this.coming, this.current].filter(Boolean);
    const first = unique(held.flatMap((one) => this.#first(one)));
    const hashes = new Set(first.map(({ sha256 }) => sha256));
    const all = unique(held.reverse().flatMap((one) => this.#all(one)));
    return { first, rest: all.filter(({ sha256 }) => !hashes.has(sha256)) };
  }

  // The hashes, and the addresses, of all media that the present documents may show at any time.
  hashes() {
    return new Set(this.#media().map(({ sha256 }) => sha256));
  }

  addresses() {
    return new Set(this.#media().map(({ href }) => href));
  }

  #media() {
    const held = [this.coming, this.current].filter(Boolean);
    return held.flatMap(({ playlist }) => Object.values(playlist.items).map((item) => this.media.choose(item)));
  }

  // All that the program of now needs, and the fallback.
  #first({ playlist, shows }) {
    const now = this.clock.now();
    const index = shows.untils.findIndex((until) => until > now);
    return this.#named(playlist, [...items(playlist, playlist.programs[index]), ...playlist.fallback]);
  }

  #all(one) {
    const { playlist, shows } = one;
    const now = this.clock.now();
    const coming = playlist.programs.filter((_, index) => shows.untils[index] > now);
    return [...this.#first(one), ...this.#named(playlist, coming.flatMap((program) => items(playlist, program)))];
  }

  #named(playlist, names) {
    return [...new Set(names)].map((name) => this.media.choose(playlist.items[name]));
  }

  async #keep({ bytes, header, etag, playlist }) {
    await this.store.set("document", { bytes, header, etag, key: await this.trust.keyOf(bytes, header) });
    await this.store.set("screen", playlist.screen);
  }

  #use(held) {
    this.current = held;
    this.shows = held.shows;
    this.onAdopt(held.playlist);
  }
}

// What `Retry-After` asks for, in seconds (RFC 9110 10.2.3); null where it says nothing readable.
export function secondsOf(header, now) {
  const text = (header ?? "").trim();
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}

function items(playlist, program) {
  return program?.loop ? playlist.loops[program.loop].items : [];
}

// Whether all is there that is relied on later.
function sound({ items: known, programs, loops, fallback }) {
  const shown = Object.values(known).every((item) => item.media.length > 0);
  return shown && fallback.length > 0 && programs.every(({ loop }) => loop === null || loop in loops);
}

function unique(media) {
  return [...new Map(media.map((one) => [one.sha256, one])).values()];
}
