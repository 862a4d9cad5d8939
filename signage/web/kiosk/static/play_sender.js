// Sends plays in batches and stores them until the server acknowledges their numbers; a rejected play never blocks
// later ones.

const BATCH = 500;
const EVERY_MS = 15000;
const GZIP_FROM = 1024;
const PATIENCE_MS = 30000;

export class Plays {
  constructor({ base, store, faults }) {
    Object.assign(this, { base, store, faults });
    this.adding = Promise.resolve();
    this.failures = 0;
  }

  async load() {
    this.run = await this.store.get("run");
    if (!this.run) {
      this.run = `kiosk-${formatHex(crypto.getRandomValues(new Uint8Array(8)))}`;
      await this.store.set("run", this.run);
    }
    if (!this.store.durable) this.faults.set("store", "plays are not kept over a reload: IndexedDB is refused");
  }

  add(play) {
    this.adding = this.adding.then(() => this.store.addPlay(play)).catch((error) => {
      this.faults.set("plays", `a play could not be kept: ${error?.name}`);
    });
  }

  start() {
    const again = async () => {
      let wait = EVERY_MS;
      try {
        if (await this.send()) wait = 0;
        this.failures = 0;
        this.faults.clear("sending");
      } catch (error) {
        this.failures += 1;
        wait = Math.min(EVERY_MS * 2 ** this.failures, 300000);
        this.faults.set("sending", `plays cannot be sent: ${error.message}`);
      }
      setTimeout(again, wait);
    };
    setTimeout(again, 1000);
  }

  // Send a batch; resolves to whether more are waiting. Unsettled plays are sent again later.
  async send() {
    await this.adding;
    const { plays, through } = await this.store.waiting(BATCH);
    if (plays.length === 0) return false;
    const { acknowledged_through: settled } = await this.#post({ run: this.run, plays, lost: gaps(through, plays) });
    if (!Number.isInteger(settled) || settled < 0) throw new Error("the answer cannot be read");
    if (settled !== through) await this.store.settle(settled);
    return plays.length === BATCH && settled >= plays[BATCH - 1].seq;
  }

  async #post(batch) {
    let body = JSON.stringify(batch);
    const headers = { "Content-Type": "application/json" };
    if (body.length >= GZIP_FROM && globalThis.CompressionStream) {
      const packed = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
      body = await new Response(packed).arrayBuffer();
      headers["Content-Encoding"] = "gzip";
    }
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(`${this.base}/plays`, { method: "POST", body, headers, credentials: "omit", signal });
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return answer.json();
  }
}

// The numbers after `through` that are not waiting: they can never be sent.
export function gaps(through, waiting) {
  const found = [];
  let next = through + 1;
  for (const { seq } of waiting) {
    if (seq > next) found.push([next, seq - 1]);
    next = Math.max(next, seq + 1);
  }
  return found;
}

function formatHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
