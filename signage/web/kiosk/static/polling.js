// When to poll: every `poll_seconds`, spread by the screen's id so that a fleet does not come at once; after failures
// ever more rarely; after `Retry-After` not before it.

const MAX_MS = 300000;
const FIRST_S = 5;

export class Polling {
  constructor({ documents, faults, clock }) {
    Object.assign(this, { documents, faults, clock });
    this.failures = 0;
    clock.onJump = () => this.now();
  }

  start() {
    addEventListener("online", () => this.now());
    this.now();
  }

  // Poll at once, in place of the next time.
  now() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#turn(), 0);
  }

  async #turn() {
    const again = await this.#poll();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#turn(), this.wait(again));
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

  // Milliseconds until the next poll.
  wait(again) {
    const playlist = this.documents.shows?.playlist;
    const every = (playlist?.poll_seconds ?? FIRST_S) * 1000;
    const own = every * (0.9 + 0.2 * share(playlist?.screen ?? ""));
    const backed = Math.min(own * 2 ** Math.min(this.failures, 6), Math.max(own, MAX_MS));
    return Math.max(backed, (again ?? 0) * 1000);
  }
}

// A number in [0, 1) that belongs to the text (FNV-1a).
export function share(text) {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193) >>> 0;
  return hash / 2 ** 32;
}
