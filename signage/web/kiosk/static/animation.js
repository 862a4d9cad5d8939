// A GIF driven by the clock: its frames are decoded when they are due and drawn on the canvas. An image element would
// start when it is loaded, at an unknown position.

const SHORTEST_MS = 20;
const INSTEAD_MS = 100;

export function canAnimate() {
  return typeof globalThis.ImageDecoder === "function";
}

export class Animation {
  constructor(bytes) {
    this.ends = accumulate(delays(bytes));
    this.decoder = new ImageDecoder({ data: bytes, type: "image/gif" });
    this.index = null;
    this.busy = false;
  }

  // The frame that shows `elapsedMs` after the item began.
  frameAt(elapsedMs) {
    const place = Math.max(0, elapsedMs) % this.ends.at(-1);
    return this.ends.findIndex((end) => place < end);
  }

  // Draw the frame that is due; frames are skipped while one is being decoded.
  async draw(elapsedMs, canvas) {
    const index = this.frameAt(elapsedMs);
    if (this.busy || index === this.index) return;
    this.busy = true;
    try {
      const { image } = await this.decoder.decode({ frameIndex: index });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      image.close();
      this.index = index;
    } finally {
      this.busy = false;
    }
  }

  close() {
    this.decoder.close();
  }
}

// How long each frame of a GIF shows, in ms (GIF89a; delays too short to be meant as in browsers).
export function delays(bytes) {
  const found = [];
  let delay = 0;
  let at = 13 + colorTableBytes(bytes[10]);
  while (at < bytes.length && bytes[at] !== 0x3b) {
    if (bytes[at] === 0x2c) {
      found.push(delay < SHORTEST_MS ? INSTEAD_MS : delay);
      at = skipBlocks(bytes, at + 11 + colorTableBytes(bytes[at + 9]));
    } else {
      if (bytes[at + 1] === 0xf9) delay = (bytes[at + 4] | (bytes[at + 5] << 8)) * 10;
      at = skipBlocks(bytes, at + 2);
    }
  }
  return found;
}

function accumulate(times) {
  let end = 0;
  return times.map((time) => (end += time));
}

function colorTableBytes(flags) {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

// The offset after the blocks that start at `at`.
function skipBlocks(bytes, at) {
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at] + 1;
  return at + 1;
}
