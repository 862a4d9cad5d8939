// What a playlist document shows at an instant: the same rule as protocol/playback.py, verified by shared vectors.
// In a program the position is (t − from + phase_ms) mod loop_ms; at `until` the item that runs is cut. Before the
// first program, after `expires_at`, and with a clock that is not set, `fallback` shows in a loop.

export class PlaylistTimeline {
  constructor(playlist) {
    this.playlist = playlist;
    this.starts = playlist.programs.map((program) => Date.parse(program.from));
    this.untils = playlist.programs.map((program) => Date.parse(program.until));
    this.ends = new Map();
    for (const [name, loop] of Object.entries(playlist.loops)) this.ends.set(name, this.#accumulateDurations(loop.items));
    this.fallbackEnds = this.#accumulateDurations(playlist.fallback);
  }

  // What shows at `at`, whole milliseconds since the Unix epoch. `program` is the program's place in the document.
  at(at, clockSet = true) {
    const index = countUntil(this.starts, at) - 1;
    if (!clockSet || index < 0 || at >= this.untils[index]) return this.#fallback(at);
    const program = this.playlist.programs[index];
    const since = at - this.starts[index];
    const left = this.untils[index] - at;
    if (program.loop === null) {
      return { kind: "dark", item: null, program: index, entry: 0, position_ms: 0, elapsed_ms: since, remaining_ms: left, began_ms: 0 };
    }
    const loop = this.playlist.loops[program.loop];
    const position = (since + program.phase_ms) % loop.loop_ms;
    const found = findEntry(this.ends.get(program.loop), position);
    return {
      kind: "program", item: loop.items[found.entry], program: index, entry: found.entry, position_ms: position,
      elapsed_ms: found.elapsed, remaining_ms: Math.min(found.remaining, left), began_ms: since - found.elapsed,
    };
  }

  #fallback(at) {
    const ends = this.fallbackEnds;
    const length = ends[ends.length - 1];
    const position = ((at % length) + length) % length;
    const { entry, elapsed, remaining } = findEntry(ends, position);
    return {
      kind: "fallback", item: this.playlist.fallback[entry], program: null, entry, position_ms: position,
      elapsed_ms: elapsed, remaining_ms: remaining, began_ms: at - elapsed,
    };
  }

  // When the item of `shown` began, in milliseconds since the Unix epoch.
  began(shown) {
    return (shown.program === null ? 0 : this.starts[shown.program]) + shown.began_ms;
  }

  #accumulateDurations(names) {
    let sum = 0;
    return names.map((name) => (sum += this.playlist.items[name].duration_ms));
  }
}

// How many of the ascending `values` are not after `value`.
function countUntil(values, value) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function findEntry(ends, position) {
  const entry = countUntil(ends, position);
  const begin = entry ? ends[entry - 1] : 0;
  return { entry, elapsed: position - begin, remaining: ends[entry] - position };
}

// Where a moving picture stands `elapsedMs` after its item began: the left and top edge of what shows of it.
export function offset(motion, elapsedMs, width, height, panelWidth, panelHeight) {
  if (motion?.effect === "scroll-left") {
    const passMs = Math.ceil(((width - panelWidth) * 1000) / motion.px_per_s);
    const x = passMs > 0 ? Math.floor(((elapsedMs % passMs) * motion.px_per_s) / 1000) : 0;
    return { x: Math.min(x, width - panelWidth), y: 0 };
  }
  if (motion?.effect === "pages") {
    const pages = Math.max(1, Math.round(height / panelHeight));
    return { x: 0, y: (Math.floor(elapsedMs / motion.page_ms) % pages) * panelHeight };
  }
  return { x: 0, y: 0 };
}
