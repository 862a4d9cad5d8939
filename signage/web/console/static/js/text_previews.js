// Live previews of a text on panels, with hints, while the user types.
import { Mini } from "./miniature.js";

export class Previews {
  constructor(root, address) {
    this.root = root;
    this.address = address;
    this.cards = new Map();
    this.turn = 0;
  }

  // `fields` are [name, value] pairs: text, panel (several), and the style.
  schedule(fields, wait = 250) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.request(fields), wait);
  }

  async request(fields) {
    const turn = ++this.turn;
    const query = new URLSearchParams(fields);
    if (!query.get("text")?.trim() || !query.has("panel")) return this.root.replaceChildren();
    try {
      const answer = await fetch(`${this.address}?${query}`);
      if (!answer.ok || turn !== this.turn) return undefined;
      this.render((await answer.json()).panels);
    } catch {
      // the next keystroke retries
    }
    return undefined;
  }

  render(panels) {
    const wanted = panels.map((one) => this.getCard(one));
    if (wanted.some((card, n) => this.root.children[n] !== card) || this.root.children.length !== wanted.length) {
      this.root.replaceChildren(...wanted);
    }
    const ids = new Set(panels.map((one) => one.panel));
    for (const name of this.cards.keys()) if (!ids.has(name)) this.cards.delete(name);
  }

  getCard(one) {
    let known = this.cards.get(one.panel);
    if (!known) {
      const card = Object.assign(document.createElement("div"), { className: "preview-card" });
      const mini = Object.assign(document.createElement("div"), { className: "mini free" });
      const name = Object.assign(document.createElement("p"), { className: "preview-name" });
      const hints = Object.assign(document.createElement("ul"), { className: "hints" });
      card.append(mini, name, hints);
      known = { card, name, hints, mini: new Mini(mini, one) };
      this.cards.set(one.panel, known);
    }
    known.name.textContent = one.size_px ? `${one.panel} · ${one.size_px} px` : one.panel;
    if (one.item) known.mini.loop(one.item);
    else known.mini.show([]);
    known.hints.replaceChildren(...one.hints.map((hint) => {
      const line = Object.assign(document.createElement("li"), { className: hint.level });
      line.textContent = hint.mend ? `${hint.what} ${hint.mend}` : hint.what;
      return line;
    }));
    return known.card;
  }
}
