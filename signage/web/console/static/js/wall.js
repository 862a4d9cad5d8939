// The wall: each tile a screen in small, asked about again before what is known of it runs out.
import { Clock, Mini } from "./mini.js";

const ASK_MS = 20_000;
const wall = document.querySelector("[data-wall]");

if (wall) {
  const clock = new Clock(Number(wall.dataset.now));
  const tiles = new Map([...wall.querySelectorAll("[data-screen]")].map((tile) => [tile.dataset.screen, tile]));
  const minis = new Map();

  function put(one) {
    const tile = tiles.get(one.screen);
    if (!tile || !one.panel) return;
    let mini = minis.get(one.screen);
    if (!mini) {
      mini = new Mini(tile.querySelector("[data-mini]"), one.panel, clock);
      mini.onsegment = (segment) => name(tile, segment);
      minis.set(one.screen, mini);
    }
    mini.show(one.segments);
    tile.querySelector("[data-differs]").hidden = one.agrees !== false;
  }

  function name(tile, segment) {
    const line = tile.querySelector("[data-label]");
    const text = segment?.kind === "dark" ? line.dataset.dark : (segment?.label ?? "");
    if (line.textContent !== text) line.textContent = text;
  }

  async function ask() {
    if (document.hidden || tiles.size === 0) return;
    try {
      const answer = await fetch(`${wall.dataset.wall}?ids=${[...tiles.keys()].join(",")}`);
      if (!answer.ok) return;
      const told = await answer.json();
      clock.set(told.now);
      told.screens.forEach(put);
    } catch {
      // the next question finds the server again
    }
  }

  ask();
  setInterval(ask, ASK_MS);
  document.addEventListener("visibilitychange", ask);
}
