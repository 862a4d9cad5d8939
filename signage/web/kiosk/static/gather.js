// Brings media beside the polls: what a document needs before it may show goes first, the rest after it one at a time.
// After each that came a new document may show; what failed is tried again ever more rarely.

import { AT_ONCE } from "./media.js";

const LANES = { first: 2, rest: 1 };
const PAUSES_S = [2, 5, 15, 30, 60];
const DIFFERS_S = 60;

export class Gather {
  constructor({ documents, media, faults, steady = () => performance.now() }) {
    Object.assign(this, { documents, media, faults, steady });
    this.under = new Set();
    this.failed = new Map();
    this.turning = null;
  }

  // Look what is missing, now; done when all that may be begun has begun.
  wake() {
    this.again = true;
    this.turning ??= this.#turns().finally(() => (this.turning = null));
    return this.turning;
  }

  async #turns() {
    while (this.again) {
      this.again = false;
      clearTimeout(this.timer);
      await this.#turn().catch((error) => this.faults.set("media", `media cannot be looked after: ${error.message}`));
    }
  }

  async #turn() {
    await this.documents.adopt();
    const { first, rest } = this.documents.needs();
    const names = new Set([...first, ...rest].map(({ sha256 }) => sha256));
    this.media.abandon(this.documents.hashes());
    for (const sha of this.failed.keys()) if (!names.has(sha)) this.failed.delete(sha);
    this.#tell();
    const missing = [await this.#begin(first, LANES.first, first), await this.#begin(rest, LANES.rest, first)];
    if (this.documents.shows && !missing.includes(true)) await this.#tidy();
    this.#later();
  }

  // Begin with what is missing of `list` and may be tried, as far as there are lanes; whether something is missing.
  async #begin(list, lanes, first) {
    const urgent = new Set(first.map(({ sha256 }) => sha256));
    const own = list === first;
    let missing = false;
    for (const media of list) {
      if (await this.media.here(media)) continue;
      missing = true;
      const busy = [...this.under].filter((sha) => urgent.has(sha) === own).length;
      const free = busy < lanes && (own || this.media.fetching < AT_ONCE);
      const due = (this.failed.get(media.sha256)?.due ?? 0) <= this.steady();
      if (free && due && !this.under.has(media.sha256)) this.#bring(media);
    }
    return missing;
  }

  async #bring(media) {
    this.under.add(media.sha256);
    try {
      await this.media.ensure(media);
      this.failed.delete(media.sha256);
    } catch (error) {
      if (error.name !== "AbortError") this.#putOff(media, error);
    }
    this.under.delete(media.sha256);
    this.wake();
  }

  #putOff(media, error) {
    const count = (this.failed.get(media.sha256)?.count ?? 0) + 1;
    const pause = (error.differs ? DIFFERS_S : PAUSES_S[Math.min(count, PAUSES_S.length) - 1]) * 1000;
    const text = `media ${media.sha256.slice(0, 12)}: ${error.message}`;
    this.failed.set(media.sha256, { count, text, due: this.steady() + pause });
  }

  #tell() {
    const [one] = this.failed.values();
    if (one) this.faults.set("media", one.text);
    else this.faults.clear("media");
  }

  // All is here: what no present document needs may go, once a document.
  async #tidy() {
    if (this.tidied === this.documents.shows) return;
    this.tidied = this.documents.shows;
    await this.media.keepOnly(this.documents.addresses());
  }

  #later() {
    const waits = [...this.failed].filter(([sha]) => !this.under.has(sha)).map(([, { due }]) => due - this.steady());
    if (waits.length) this.timer = setTimeout(() => this.wake(), Math.max(50, Math.min(...waits)));
  }
}
