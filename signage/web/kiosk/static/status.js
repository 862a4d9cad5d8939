// Reports the status every minute, and soon after a fault appears or disappears.

const EVERY_MS = 60000;
const SOON_MS = 3000;
const PICTURE_MS = 600000;
const PATIENCE_MS = 30000;

export class Status {
  constructor({ base, version, player, documents, clock, faults, stage }) {
    Object.assign(this, { base, version, player, documents, clock, faults, stage });
    faults.onChange = () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.send(), SOON_MS);
    };
  }

  start() {
    setInterval(() => this.send(), EVERY_MS);
    setInterval(() => this.#sendPicture(), PICTURE_MS);
    setTimeout(() => this.#sendPicture(), EVERY_MS / 2);
    setTimeout(() => this.send(), SOON_MS);
  }

  async send() {
    const told = {
      player: "kiosk",
      version: this.version,
      serial: this.documents.shows?.playlist.serial,
      item: this.player.item,
      clock: new Date(this.clock.now()).toISOString(),
      free_bytes: await estimateFreeBytes(),
      faults: this.faults.list(),
    };
    await this.#request("status", "POST", JSON.stringify(told), "application/json");
  }

  async #sendPicture() {
    const picture = await this.stage.picture().catch(() => null);
    if (picture) await this.#request("screenshot", "PUT", picture, picture.type);
  }

  // A lost status is not repeated: the next one follows.
  async #request(path, method, body, type) {
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const headers = { "Content-Type": type };
      await fetch(`${this.base}/${path}`, { method, body, headers, credentials: "omit", signal });
    } catch {
      // The next one comes.
    }
  }
}

async function estimateFreeBytes() {
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  return estimate ? Math.max(0, Math.floor(estimate.quota - estimate.usage)) : undefined;
}
