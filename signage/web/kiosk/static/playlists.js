// The playlist: polled, verified, stored, and activated once everything that its present program needs is cached.
// A playlist with a bad signature, a lower serial or another screen's id is refused; the previous one plays on.
// A verified one is pending while its media are downloaded; polls continue, and a newer one replaces it.

import { readAll } from "./bounded_read.js";
import { PlaylistTimeline } from "./playback.js";

const FORMAT = "signage.playlist/1";
const PATIENCE_MS = 20000;
const MOST_BYTES = 64 << 20;

export class Playlists {
  constructor({ base, store, trust, media, clock, faults }) {
    Object.assign(this, { base, store, trust, media, clock, faults });
    this.shows = null;
    this.current = null;
    this.coming = null;
    this.onAdopt = () => {};
    this.onPolled = () => {};
  }

  // Load the playlist that was active before the reload.
  async load() {
    const kept = await this.store.get("document");
    if (!kept) return;
    const playlist = JSON.parse(new TextDecoder().decode(kept.bytes));
    if (!(await this.trust.held(kept.bytes, kept.header, kept.key))) return;
    this.#activate({ ...kept, playlist, shows: new PlaylistTimeline(playlist) });
  }

  // The newest verified playlist, active or pending.
  get newest() {
    return this.coming ?? this.current;
  }

  // Poll the server once. Resolves to the requested delay in seconds, null for the usual one.
  async poll() {
    const etag = this.newest?.etag;
    const headers = etag ? { "If-None-Match": etag } : {};
    const sent = performance.now();
    const answer = await fetch(`${this.base}/playlist.json`, {
      headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const came = performance.now();
    const again = parseRetryAfter(answer.headers.get("Retry-After"), this.clock.now());
    if (!answer.ok && answer.status !== 304) {
      throw Object.assign(new Error(`the server answers ${answer.status}`), { again });
    }
    if (answer.status === 304) this.faults.clear("document");
    if (answer.status === 304 || (await this.#readOffer(answer))) this.#hear(answer, sent, came);
    this.onPolled();
    return again;
  }

  // Take the server's time from a verified answer that no cache stored.
  #hear(answer, sent, came) {
    const { headers } = answer;
    if (["", "0"].includes((headers.get("Age") ?? "").trim())) this.clock.hear(headers.get("Date"), sent, came);
  }

  // Whether the offered playlist is verified.
  async #readOffer(answer) {
    const bytes = await readAll(answer, MOST_BYTES);
    const header = answer.headers.get("Playlist-Signature");
    const etag = answer.headers.get("ETag");
    const playlist = await this.#verify(bytes, header);
    if (playlist === null) return false;
    this.faults.clear("document");
    this.coming = { bytes, header, etag, playlist, shows: new PlaylistTimeline(playlist) };
    return true;
  }

  async #verify(bytes, header) {
    const refuse = (why) => {
      this.faults.set("document", `document refused: ${why}`);
      return null;
    };
    if (!(await this.trust.holds(bytes, header))) return refuse("its signature does not hold");
    let playlist;
    try {
      playlist = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      new PlaylistTimeline(playlist).at(this.clock.now());
      if (!isConsistent(playlist)) return refuse("its parts do not fit together");
    } catch {
      return refuse("it cannot be read");
    }
    if (playlist.format !== FORMAT) return refuse("it has another format");
    const screen = this.newest?.playlist.screen ?? (await this.store.get("screen"));
    if (screen && playlist.screen !== screen) return refuse("it is another screen's");
    if (this.newest && playlist.serial < this.newest.playlist.serial) return refuse("its serial is lower");
    return playlist;
  }

  // Activate the pending playlist if its urgent media are cached; media switch as a set.
  async adopt() {
    const { coming } = this;
    if (!coming) return;
    for (const media of this.#listUrgentMedia(coming)) if (!(await this.media.here(media))) return;
    if (this.coming !== coming) return;
    this.coming = null;
    this.#activate(coming);
    this.#store(coming).then(
      () => this.faults.clear("kept"),
      (error) => this.faults.set("kept", `the document cannot be kept: ${error?.name}`),
    );
  }

  // The media that the present playlists need, each once: urgent ones, and the rest.
  needs() {
    const held = [this.coming, this.current].filter(Boolean);
    const first = deduplicate(held.flatMap((one) => this.#listUrgentMedia(one)));
    const hashes = new Set(first.map(({ sha256 }) => sha256));
    const all = deduplicate(held.reverse().flatMap((one) => this.#listAllMedia(one)));
    return { first, rest: all.filter(({ sha256 }) => !hashes.has(sha256)) };
  }

  // The hashes, and the addresses, of all media that the present playlists may show at any time.
  hashes() {
    return new Set(this.#listMedia().map(({ sha256 }) => sha256));
  }

  addresses() {
    return new Set(this.#listMedia().map(({ href }) => href));
  }

  #listMedia() {
    const held = [this.coming, this.current].filter(Boolean);
    return held.flatMap(({ playlist }) => Object.values(playlist.items).map((item) => this.media.choose(item)));
  }

  // The media of the present program and of the fallback.
  #listUrgentMedia({ playlist, shows }) {
    const now = this.clock.now();
    const index = shows.untils.findIndex((until) => until > now);
    return this.#chooseMedia(playlist, [...listItems(playlist, playlist.programs[index]), ...playlist.fallback]);
  }

  #listAllMedia(one) {
    const { playlist, shows } = one;
    const now = this.clock.now();
    const coming = playlist.programs.filter((_, index) => shows.untils[index] > now);
    return [...this.#listUrgentMedia(one), ...this.#chooseMedia(playlist, coming.flatMap((program) => listItems(playlist, program)))];
  }

  #chooseMedia(playlist, names) {
    return [...new Set(names)].map((name) => this.media.choose(playlist.items[name]));
  }

  async #store({ bytes, header, etag, playlist }) {
    await this.store.set("document", { bytes, header, etag, key: await this.trust.keyOf(bytes, header) });
    await this.store.set("screen", playlist.screen);
  }

  #activate(held) {
    this.current = held;
    this.shows = held.shows;
    this.onAdopt(held.playlist);
  }
}

// Parse `Retry-After` into seconds (RFC 9110 10.2.3); null where it is unreadable.
export function parseRetryAfter(header, now) {
  const text = (header ?? "").trim();
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}

function listItems(playlist, program) {
  return program?.loop ? playlist.loops[program.loop].items : [];
}

// Whether everything that later code relies on is present.
function isConsistent({ items: known, programs, loops, fallback }) {
  const shown = Object.values(known).every((item) => item.media.length > 0);
  return shown && fallback.length > 0 && programs.every(({ loop }) => loop === null || loop in loops);
}

function deduplicate(media) {
  return [...new Map(media.map((one) => [one.sha256, one])).values()];
}
