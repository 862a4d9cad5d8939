// Loads the page anew when frames stop or nothing can be shown for long, at most once in five minutes; and keeps the
// display awake.

const EVERY_MS = 5000;
const PATIENCE_MS = 30000;
const PAUSE_MS = 300000;
const KEY = "signage-reloaded";

export class Watchdog {
  constructor({ player, documents, clock }) {
    Object.assign(this, { player, documents, clock });
    this.frames = 0;
    this.well = performance.now();
  }

  start() {
    setInterval(() => this.look(), EVERY_MS);
    keepAwake();
    document.addEventListener("visibilitychange", () => document.hidden || keepAwake());
  }

  look() {
    this.clock.check();
    const moving = this.player.frames !== this.frames;
    const showing = !this.documents.shows || this.player.current !== null || this.player.item === null;
    this.frames = this.player.frames;
    if (document.hidden || (moving && showing)) {
      this.well = performance.now();
    } else if (performance.now() - this.well > PATIENCE_MS && mayReload()) {
      location.reload();
    }
  }
}

function mayReload() {
  try {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Math.abs(Date.now() - last) < PAUSE_MS) return false;
    sessionStorage.setItem(KEY, String(Date.now()));
    return true;
  } catch {
    return false;
  }
}

async function keepAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Refused on battery or out of sight; asked again when the page is seen.
  }
}
