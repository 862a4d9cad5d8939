// When to poll: once in every `poll_seconds`, at the place in it that belongs to the screen's id, so that a street that
// has its power or its network back does not come at once; after failures ever more rarely, by chance; never before
// `Retry-After` is over.

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

  // At once where there is nothing to show, else at the screen's next place.
  start() {
    addEventListener("online", () => this.#after(this.usual()));
    if (this.documents.shows) this.#after(this.usual());
    else this.now();
  }

  // Poll at once, in place of the next time.
  now() {
    this.#after(0);
  }

  #after(wait) {
    if (this.busy) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#turn(), Math.max(wait, this.notBefore - this.steady()));
  }

  async #turn() {
    this.busy = true;
    const again = await this.#poll();
    this.busy = false;
    const asked = this.asked(again);
    this.notBefore = this.steady() + asked;
    this.#after(this.failures ? Math.max(asked, this.backOff()) : this.usual());
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

  // Milliseconds until this screen's next place in the interval; at least a second on.
  usual() {
    const every = this.#seconds() * 1000;
    const place = share(`${this.#screen()}/${this.#seconds()}`) * every;
    const wait = (((place - this.clock.now()) % every) + every) % every;
    return wait >= 1000 || every <= 1000 ? wait : wait + every;
  }

  // Milliseconds after a failure: doubling, by chance between half and all of it.
  backOff() {
    const most = Math.min(LONGEST_MS, Math.max(60000, 4000 * this.#seconds()));
    return Math.min(most, 2000 * 2 ** Math.min(this.failures - 1, 12)) * (0.5 + 0.5 * this.chance());
  }

  // Milliseconds that `Retry-After` (seconds) wants, a little spread so that not all come back in one instant.
  asked(again) {
    if (again === null) return 0;
    const seconds = Math.min(Math.max(0, again), LONGEST_RETRY_AFTER_S);
    return (seconds + Math.min(10, seconds / 10) * this.chance()) * 1000;
  }

  #screen() {
    return this.documents.newest?.playlist.screen ?? "";
  }

  #seconds() {
    return Math.max(1, this.documents.newest?.playlist.poll_seconds ?? FIRST_S);
  }
}

// A number in [0, 1) that belongs to the text: FNV-1a, and the last steps of MurmurHash3, without which names that
// differ in their last letter alone would lie beside each other.
export function share(text) {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
