// Downloads media independently of polls: urgent media of a playlist first, the rest one at a time. Each completed
// download may activate a pending playlist; failed ones are retried with increasing pauses.

import { AT_ONCE } from "./media.js";

const LANES = { first: 2, rest: 1 };
const PAUSES_S = [2, 5, 15, 30, 60];
const DIFFERS_S = 60;

export class DownloadQueue {
  constructor({ documents, media, faults, steady = () => performance.now() }) {
    Object.assign(this, { documents, media, faults, steady });
    this.under = new Set();
    this.failed = new Map();
    this.turning = null;
  }

  // Check for missing media now; resolves once every permitted download has started.
  wake() {
    this.again = true;
    this.turning ??= this.#runPasses().finally(() => (this.turning = null));
    return this.turning;
  }

  async #runPasses() {
    while (this.again) {
      this.again = false;
      clearTimeout(this.timer);
      await this.#runPass().catch((error) => this.faults.set("media", `media cannot be managed: ${error.message}`));
    }
  }

  async #runPass() {
    await this.documents.adopt();
    const { first, rest } = this.documents.needs();
    const names = new Set([...first, ...rest].map(({ sha256 }) => sha256));
    this.media.abandon(this.documents.hashes());
    for (const sha of this.failed.keys()) if (!names.has(sha)) this.failed.delete(sha);
    this.#reportFault();
    const missing = [await this.#startDownloads(first, LANES.first, first), await this.#startDownloads(rest, LANES.rest, first)];
    if (this.documents.shows && !missing.includes(true)) await this.#evictUnused();
    this.#scheduleRetry();
  }

  // Start due downloads of `list` while lanes are free; resolves to whether something is missing.
  async #startDownloads(list, lanes, first) {
    const urgent = new Set(first.map(({ sha256 }) => sha256));
    const own = list === first;
    let missing = false;
    for (const media of list) {
      if (await this.media.here(media)) continue;
      missing = true;
      const busy = [...this.under].filter((sha) => urgent.has(sha) === own).length;
      const free = busy < lanes && (own || this.media.fetching < AT_ONCE);
      const due = (this.failed.get(media.sha256)?.due ?? 0) <= this.steady();
      if (free && due && !this.under.has(media.sha256)) this.#download(media);
    }
    return missing;
  }

  async #download(media) {
    this.under.add(media.sha256);
    try {
      await this.media.ensure(media);
      this.failed.delete(media.sha256);
    } catch (error) {
      if (error.name !== "AbortError") this.#postpone(media, error);
    }
    this.under.delete(media.sha256);
    this.wake();
  }

  #postpone(media, error) {
    const count = (this.failed.get(media.sha256)?.count ?? 0) + 1;
    const pause = (error.differs ? DIFFERS_S : PAUSES_S[Math.min(count, PAUSES_S.length) - 1]) * 1000;
    const text = `media ${media.sha256.slice(0, 12)}: ${error.message}`;
    this.failed.set(media.sha256, { count, text, due: this.steady() + pause });
  }

  #reportFault() {
    const [one] = this.failed.values();
    if (one) this.faults.set("media", one.text);
    else this.faults.clear("media");
  }

  // Everything is cached: evict what no playlist needs, once per playlist.
  async #evictUnused() {
    if (this.tidied === this.documents.shows) return;
    this.tidied = this.documents.shows;
    await this.media.keepOnly(this.documents.addresses());
  }

  #scheduleRetry() {
    const waits = [...this.failed].filter(([sha]) => !this.under.has(sha)).map(([, { due }]) => due - this.steady());
    if (waits.length) this.timer = setTimeout(() => this.wake(), Math.max(50, Math.min(...waits)));
  }
}
