// The playlist document: polled, verified, kept, and adopted once all that its present program needs is here.
// A document with a bad signature, a lower serial or another screen's name is refused; what was there plays on.

import { Shows } from "./showing.js";

const FORMAT = "signage.playlist/1";
const PATIENCE_MS = 20000;

export class Documents {
  constructor({ base, store, trust, media, clock, faults }) {
    Object.assign(this, { base, store, trust, media, clock, faults });
    this.shows = null;
    this.etag = null;
    this.refused = null;
    this.onAdopt = () => {};
  }

  // Take up what was in use before the reload.
  async load() {
    const kept = await this.store.get("document");
    if (!kept) return;
    const playlist = JSON.parse(new TextDecoder().decode(kept.bytes));
    if (!(await this.trust.holds(kept.bytes, kept.header).catch(() => true))) return;
    this.etag = kept.etag;
    this.#use(playlist);
  }

  // Ask the server once. Gives the seconds after which it wants to be asked again, null for "as usual".
  async poll() {
    const headers = this.etag && this.shows ? { "If-None-Match": this.etag } : {};
    const sent = performance.now();
    const answer = await fetch(`${this.base}/playlist.json`, {
      headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    this.clock.hear(answer.headers.get("Date"), sent, performance.now());
    const again = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
    if (answer.status === 304) {
      this.refused = null;
      this.faults.clear("document");
    } else if (answer.ok) {
      await this.#offered(answer);
    } else {
      throw Object.assign(new Error(`the server answers ${answer.status}`), { again: Number.isNaN(again) ? null : again });
    }
    return Number.isNaN(again) ? null : again;
  }

  async #offered(answer) {
    const bytes = await answer.arrayBuffer();
    const header = answer.headers.get("Playlist-Signature");
    const etag = answer.headers.get("ETag");
    const playlist = await this.#checked(bytes, header);
    if (playlist === null) return;
    this.faults.clear("document");
    await this.#fetchFirst(playlist);
    await this.store.set("document", { bytes, header, etag });
    await this.store.set("screen", playlist.screen);
    this.etag = etag;
    this.#use(playlist);
    this.#fetchRest(playlist);
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
    } catch {
      return refuse("it cannot be read");
    }
    if (playlist.format !== FORMAT) return refuse("it has another format");
    const screen = this.shows?.playlist.screen ?? (await this.store.get("screen"));
    if (screen && playlist.screen !== screen) return refuse("it is another screen's");
    if (this.shows && playlist.serial < this.shows.playlist.serial) return refuse("its serial is lower");
    return playlist;
  }

  // All that the program of now needs, and the fallback; media switch as a set.
  async #fetchFirst(playlist) {
    const shown = new Shows(playlist).at(this.clock.now());
    const loop = shown.program === null ? null : playlist.loops[playlist.programs[shown.program].loop];
    const names = new Set([...(loop?.items ?? []), ...playlist.fallback]);
    await Promise.all([...names].map((name) => this.media.ensure(this.media.choose(playlist.items[name]))));
    this.faults.clear("media");
  }

  async #fetchRest(playlist) {
    const wanted = new Set();
    for (const item of Object.values(playlist.items)) {
      const media = this.media.choose(item);
      wanted.add(media.href);
      try {
        await this.media.ensure(media);
      } catch (error) {
        this.faults.set("media", error.message);
      }
    }
    if (this.shows?.playlist === playlist) await this.media.keepOnly(wanted);
  }

  #use(playlist) {
    this.shows = new Shows(playlist);
    this.onAdopt(playlist);
  }
}
