// When to poll: once in every `poll_seconds`, at an offset derived from the screen's id, so that screens do not poll at
// once after an outage; after failures with random exponential back-off; never before `Retry-After` has passed.

const LONGEST_MS = 300000;
const LONGEST_RETRY_AFTER_S = 3600;
const FIRST_S = 5;

export class Polling {
  constructor({ documents, faults, clock, steady = () => performance.now(), chance = Math.random }) {
    Object.assign(this, { documents, faults, clock, steady, chance });
    this.failures = 0;
    this.notBefore = 0;
    this.busy = false;
    clock.onJump = () => this.now();
  }

  // Poll now if there is nothing to show, else at the screen's next offset.
  start() {
    addEventListener("online", () => this.#schedule(this.usual()));
    if (this.documents.shows) this.#schedule(this.usual());
    else this.now();
  }

  // Poll now, in place of the next scheduled poll.
  now() {
    this.#schedule(0);
  }

  #schedule(wait) {
    if (this.busy) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#pollOnce(), Math.max(wait, this.notBefore - this.steady()));
  }

  async #pollOnce() {
    this.busy = true;
    const again = await this.#poll();
    this.busy = false;
    const asked = this.asked(again);
    this.notBefore = this.steady() + asked;
    this.#schedule(this.failures ? Math.max(asked, this.backOff()) : this.usual());
  }

  async #poll() {
    try {
      const again = await this.documents.poll();
      this.failures = 0;
      this.faults.clear("poll");
      return again;
    } catch (error) {
      this.failures += 1;
      this.faults.set("poll", `the playlist was not updated: ${error.message}`);
      return error.again ?? null;
    }
  }

  // Milliseconds until this screen's next offset in the interval, at least a second.
  usual() {
    const every = this.#getPollSeconds() * 1000;
    const place = hashToFraction(`${this.#getScreenId()}/${this.#getPollSeconds()}`) * every;
    const wait = (((place - this.clock.now()) % every) + every) % every;
    return wait >= 1000 || every <= 1000 ? wait : wait + every;
  }

  // Milliseconds after a failure: doubling, randomly between half and all of it.
  backOff() {
    const most = Math.min(LONGEST_MS, Math.max(60000, 4000 * this.#getPollSeconds()));
    return Math.min(most, 2000 * 2 ** Math.min(this.failures - 1, 12)) * (0.5 + 0.5 * this.chance());
  }

  // Milliseconds of `Retry-After` (seconds), with jitter so that screens do not return at once.
  asked(again) {
    if (again === null) return 0;
    const seconds = Math.min(Math.max(0, again), LONGEST_RETRY_AFTER_S);
    return (seconds + Math.min(10, seconds / 10) * this.chance()) * 1000;
  }

  #getScreenId() {
    return this.documents.newest?.playlist.screen ?? "";
  }

  #getPollSeconds() {
    return Math.max(1, this.documents.newest?.playlist.poll_seconds ?? FIRST_S);
  }
}

// A number in [0, 1) that belongs to the text: FNV-1a, and the last steps of MurmurHash3, without which names that
// differ in their last letter alone would lie beside each other.
export function hashToFraction(text) {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
