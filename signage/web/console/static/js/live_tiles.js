// Live miniatures of screens, refreshed before their known segments run out.
import { Clock, Mini } from "./miniature.js";

const ASK_MS = 20_000;
const container = document.querySelector("[data-wall]");

if (container) {
  const clock = new Clock(Number(container.dataset.now));
  const tiles = new Map([...container.querySelectorAll("[data-screen]")].map((tile) => [tile.dataset.screen, tile]));
  const minis = new Map();

  function updateTile(one) {
    const tile = tiles.get(one.screen);
    if (!tile || !one.panel) return;
    let mini = minis.get(one.screen);
    if (!mini) {
      mini = new Mini(tile.querySelector("[data-mini]"), one.panel, clock);
      mini.onsegment = (segment) => updateLabel(tile, segment);
      minis.set(one.screen, mini);
    }
    mini.show(one.segments);
    tile.querySelector("[data-differs]").hidden = one.agrees !== false;
  }

  function updateLabel(tile, segment) {
    const line = tile.querySelector("[data-label]");
    const text = segment?.kind === "dark" ? line.dataset.dark : (segment?.label ?? "");
    if (line.textContent !== text) line.textContent = text;
  }

  async function poll() {
    if (document.hidden || tiles.size === 0) return;
    try {
      const answer = await fetch(`${container.dataset.wall}?ids=${[...tiles.keys()].join(",")}`);
      if (!answer.ok) return;
      const tileData = await answer.json();
      clock.set(tileData.now);
      tileData.screens.forEach(updateTile);
    } catch {
      // the next poll retries
    }
  }

  poll();
  setInterval(poll, ASK_MS);
  document.addEventListener("visibilitychange", poll);
}
