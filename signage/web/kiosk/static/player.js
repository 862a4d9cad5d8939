// Determines what shows from playlist and clock, once a frame, and reports what was shown as plays.

import { AT_ONCE } from "./media.js";

const EARLY_MS = 5000;
const PUNCTUAL_MS = 250;
const SETTLE_MS = 300;

export class Player {
  constructor({ stage, media, clock, documents, faults, onPlay }) {
    Object.assign(this, { stage, media, clock, documents, faults, onPlay });
    this.current = null;
    this.frames = 0;
    this.item = null;
    documents.onAdopt = (playlist) => {
      stage.setPanel(playlist.panel);
      if (this.stage.back.slot && !this.stage.back.ready) this.stage.back.clear();
    };
  }

  start() {
    const frame = () => {
      this.frames += 1;
      this.tick();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    document.addEventListener("visibilitychange", () => document.hidden && this.#reportFinished(this.clock.now()));
  }

  tick() {
    const { shows } = this.documents;
    if (!shows) return;
    const now = this.clock.now();
    const set = this.clock.heard || now >= Date.parse(shows.playlist.issued_at);
    const shown = shows.at(now, set);
    this.stage.dim(getBrightness(shows.playlist, now));
    if (shown.kind === "dark") return this.#showDark(now);
    const slot = this.#createSlot(shows, shown);
    this.item = slot.item;
    if (this.current?.key !== slot.key) this.#switchTo(slot, now);
    if (this.current?.key === slot.key) this.stage.draw(slot.elapsed());
    if (shown.remaining_ms < EARLY_MS || this.current?.key === slot.key) this.#prepareNext(shows, now + shown.remaining_ms, set);
  }

  #createSlot(shows, shown) {
    const { playlist } = shows;
    const item = playlist.items[shown.item];
    const media = this.media.choose(item);
    const began = shows.began(shown);
    return {
      key: `${shown.item} ${media.sha256} ${began}`, item: shown.item, media, began, serial: playlist.serial,
      ends: began + item.duration_ms, length: item.duration_ms, elapsed: () => this.clock.now() - began,
    };
  }

  // Another slot is due: show it if it is ready, else prepare it while the previous one remains.
  #switchTo(slot, now) {
    this.#reportFinished(now);
    const { back } = this.stage;
    if (back.slot?.key !== slot.key) return this.#prepare(slot);
    if (back.failed) return this.#reportFailed(slot);
    if (!back.ready) return;
    back.draw(slot.elapsed(), this.stage.panel);
    this.stage.present();
    this.current = { ...slot, shown: now };
  }

  async #prepare(slot) {
    const { back } = this.stage;
    back.clear();
    back.slot = slot;
    try {
      await this.media.ensure(slot.media, AT_ONCE);
      slot.url = await this.media.url(slot.media);
      if (back.slot === slot) await back.prepare(slot, this.stage.panel);
      this.faults.clear("show");
    } catch (error) {
      if (back.slot === slot) back.failed = true;
      if (error.name !== "AbortError") this.faults.set("show", `${slot.item} cannot be shown: ${error.message}`);
    }
  }

  // Prepare the next slot while this one shows; the previous one remains below for its first moments.
  #prepareNext(shows, at, set) {
    const { back } = this.stage;
    if (this.current === null || this.clock.now() - this.current.shown < SETTLE_MS) return;
    const shown = shows.at(at, set);
    if (shown.kind === "dark") return;
    const next = this.#createSlot(shows, shown);
    if (back.slot?.key !== next.key && next.key !== this.current.key) this.#prepare(next);
  }

  #reportFailed(slot) {
    if (this.skipped === slot.key) return;
    this.skipped = slot.key;
    this.onPlay({ ...createPlay(slot), started_at: formatTime(slot.began), duration_ms: 0, result: "failed" });
  }

  #showDark(now) {
    this.#reportFinished(now);
    this.item = null;
    this.stage.darken();
  }

  // Report the finished slot: completed if it was shown from its start to its end.
  #reportFinished(now) {
    const slot = this.current;
    if (!slot) return;
    this.current = null;
    const whole = slot.shown - slot.began <= PUNCTUAL_MS && now >= slot.ends;
    const shownMs = whole ? slot.length : Math.max(0, Math.min(now, slot.ends) - slot.shown);
    const began = whole ? slot.began : slot.shown;
    this.onPlay({ ...createPlay(slot), started_at: formatTime(began), duration_ms: shownMs, result: whole ? "completed" : "cut" });
  }
}

function createPlay(slot) {
  return { item: slot.item, sha256: slot.media.sha256, serial: slot.serial };
}

function formatTime(ms) {
  return new Date(ms).toISOString();
}

function getBrightness(playlist, now) {
  let percent = 100;
  for (const step of playlist.brightness) if (Date.parse(step.from) <= now) percent = step.percent;
  return percent;
}
