// The time, corrected by the server's Date where the machine's own clock is wrong.
// A Date has a resolution of a second, so each answer bounds the offset from both sides; the bounds of several answers
// are intersected, widened by possible drift. A machine's clock inside the bounds is not corrected. An answer that
// contradicts the bounds counts only once the next one agrees with it.

const DRIFT = 100e-6;
const JUMP_MS = 1000;
const LOOK_MS = 1;
const LOOKS = 8;

export class Clock {
  constructor(wall = () => Date.now(), steady = () => performance.now()) {
    this.wall = wall;
    this.steady = steady;
    this.base = this.#apart();
    this.bounds = this.contrary = null;
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
    this.#take({ low, high, at: came });
    this.heard = true;
    const { low: least, high: most } = this.bounds;
    if (least <= 0 && most >= 0) this.shift = 0;
    else if (this.shift < least || this.shift > most) this.shift = (least + most) / 2;
  }

  // The machine's clock less its counter. They are two looks: where the page was held up between them, it looks again.
  #apart() {
    let quickest = Infinity;
    let difference = 0;
    for (let looks = 0; looks < LOOKS && quickest > LOOK_MS; looks += 1) {
      const before = this.steady();
      const wall = this.wall();
      const after = this.steady();
      if (after - before < quickest) {
        quickest = after - before;
        difference = wall - (before + after) / 2;
      }
    }
    return difference;
  }

  #take(found) {
    const known = widenBounds(this.bounds, found.at);
    const contrary = widenBounds(this.contrary, found.at);
    if (known === null || overlap(known, found)) {
      this.bounds = intersect(known, found);
      this.contrary = null;
    } else if (contrary !== null && overlap(contrary, found)) {
      this.bounds = intersect(contrary, found);
      this.contrary = null;
    } else {
      this.contrary = found;
    }
  }

  // The machine's clock was set, or the machine slept: what was known of the offset is void.
  // Call it now and then; a small difference is the machine's clock being slewed, and is followed.
  check() {
    const moved = this.#apart() - this.base;
    if (Math.abs(moved) > JUMP_MS) {
      this.base += moved;
      this.shift = this.heard ? this.shift - moved : 0;
      this.bounds = this.contrary = null;
      this.onJump();
    } else if (moved !== 0) {
      this.base += moved;
      if (this.shift !== 0) this.shift -= moved;
      this.bounds = shiftBounds(this.bounds, -moved);
      this.contrary = shiftBounds(this.contrary, -moved);
    }
  }
}

function shiftBounds(bounds, by) {
  return bounds && { ...bounds, low: bounds.low + by, high: bounds.high + by };
}

// What `bounds` have become by the steady time `at`.
function widenBounds(bounds, at) {
  if (bounds === null) return null;
  const drift = (at - bounds.at) * DRIFT;
  return { low: bounds.low - drift, high: bounds.high + drift, at };
}

function overlap(one, other) {
  return one.low <= other.high && other.low <= one.high;
}

function intersect(one, other) {
  if (one === null) return other;
  return { low: Math.max(one.low, other.low), high: Math.min(one.high, other.high), at: other.at };
}
