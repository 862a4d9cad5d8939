// The time, set right by the server's Date where the machine's own clock is wrong.
// A Date has steps of a second, so each answer bounds the offset from both sides; the bounds of several answers are
// cut with each other, widened by what a clock may drift. A machine's clock inside the bounds is left as it is.

const DRIFT = 100e-6;
const JUMP_MS = 1000;

export class Clock {
  constructor(wall = () => Date.now(), steady = () => performance.now()) {
    this.wall = wall;
    this.steady = steady;
    this.base = wall() - steady();
    this.bounds = null;
    this.shift = 0;
    this.heard = false;
    this.onJump = () => {};
  }

  // Milliseconds since the Unix epoch, whole.
  now() {
    return Math.floor(this.base + this.steady() + this.shift);
  }

  // The error that is possible, in milliseconds; null while the server was not heard.
  error() {
    return this.bounds === null ? null : Math.round((this.bounds.high - this.bounds.low) / 2);
  }

  // An answer came: its Date header, and the steady time when the question went and the answer came.
  hear(header, sent, came) {
    const date = Date.parse(header ?? "");
    if (Number.isNaN(date)) return;
    const low = date - (this.base + came);
    const high = date + 1000 - (this.base + sent);
    this.bounds = cut(this.bounds, low, high, came);
    this.heard = true;
    const { low: least, high: most } = this.bounds;
    if (least <= 0 && most >= 0) this.shift = 0;
    else if (this.shift < least || this.shift > most) this.shift = (least + most) / 2;
  }

  // The machine's clock was set, or the machine slept: what was known of the offset is void.
  // Call it now and then; a small difference is the machine's clock being slewed, and is followed.
  check() {
    const moved = this.wall() - this.steady() - this.base;
    if (Math.abs(moved) > JUMP_MS) {
      this.base += moved;
      this.shift = this.heard ? this.shift - moved : 0;
      this.bounds = null;
      this.onJump();
    } else if (moved !== 0) {
      this.base += moved;
      if (this.shift !== 0) this.shift -= moved;
      if (this.bounds) this.bounds = { ...this.bounds, low: this.bounds.low - moved, high: this.bounds.high - moved };
    }
  }
}

function cut(bounds, low, high, at) {
  if (bounds === null) return { low, high, at };
  const drift = (at - bounds.at) * DRIFT;
  const least = Math.max(low, bounds.low - drift);
  const most = Math.min(high, bounds.high + drift);
  return least <= most ? { low: least, high: most, at } : { low, high, at };
}
