// One of the two layers: a picture on a canvas, an animation drawn by the clock, or a film; prepared while hidden.

import { Animation, canAnimate } from "./animation.js";
import { offset } from "./playback.js";

const LATE_MS = 400;
const VEIL_MS = 400;

export class Layer {
  constructor(element) {
    this.element = element;
    this.canvas = element.querySelector("canvas");
    this.video = element.querySelector("video");
    this.slot = null;
    this.ready = false;
    this.failed = false;
  }

  // Prepare `slot`: decode its media and its first frame.
  async prepare(slot, panel) {
    this.clear();
    this.slot = slot;
    try {
      await this.#load(slot, panel);
      if (this.slot === slot) this.ready = true;
    } catch (error) {
      if (this.slot === slot) this.failed = true;
      throw error;
    }
  }

  clear() {
    this.slot = null;
    this.ready = this.failed = false;
    this.picture = null;
    this.animation?.close();
    this.animation = null;
    this.at = null;
    this.veiled = false;
    this.presented = null;
    this.video.pause();
    this.element.classList.remove("ready", "front");
    for (const part of [this.canvas, this.video]) part.classList.remove("shown", "veil");
    if (this.video.hasAttribute("src")) {
      this.video.removeAttribute("src");
      this.video.load();
    }
  }

  async #load({ media, url, elapsed }, panel) {
    if (media.type.startsWith("video/")) {
      await loadFilm(this.video, url, elapsed());
      this.video.classList.add("shown");
      this.#coverWithCanvas(panel);
    } else if (media.type === "image/gif" && canAnimate()) {
      const animation = new Animation(new Uint8Array(await (await fetch(url)).arrayBuffer()));
      this.canvas.width = panel.width;
      this.canvas.height = panel.height;
      await animation.draw(elapsed(), this.canvas);
      this.animation = animation;
      this.canvas.classList.add("shown");
    } else {
      const picture = new Image();
      picture.src = url;
      await picture.decode();
      this.picture = picture;
      this.canvas.width = panel.width;
      this.canvas.height = panel.height;
      this.canvas.classList.add("shown");
      this.draw(elapsed(), panel);
    }
  }

  // Draw what shows `elapsedMs` after the item began. A film is corrected only when it deviates far.
  draw(elapsedMs, panel) {
    if (this.picture) return this.#drawPicture(elapsedMs, panel);
    if (this.animation) return void this.animation.draw(elapsedMs, this.canvas).catch(() => {});
    if (this.video.classList.contains("shown") && this.ready) {
      if (this.veiled) this.#uncover();
      if (this.video.paused && !this.video.ended) this.video.play().catch(() => {});
      const due = elapsedMs / 1000;
      const off = Math.abs(this.video.currentTime - due) * 1000;
      if (off > LATE_MS && due < this.video.duration - 0.1 && !this.video.seeking) this.video.currentTime = due;
    }
    return undefined;
  }

  // A browser may paint a new film black until its first frame is decoded. So the canvas above it shows its frames at
  // first.
  #coverWithCanvas(panel) {
    this.canvas.width = panel.width;
    this.canvas.height = panel.height;
    this.canvas.getContext("2d").drawImage(this.video, 0, 0, panel.width, panel.height);
    this.canvas.classList.add("shown", "veil");
    this.veiled = true;
  }

  #uncover() {
    if (this.presented !== null && performance.now() - this.presented > VEIL_MS) {
      this.veiled = false;
      this.canvas.classList.remove("shown", "veil");
    } else if (this.at !== this.video.currentTime) {
      this.at = this.video.currentTime;
      this.canvas.getContext("2d").drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    }
  }

  #drawPicture(elapsedMs, panel) {
    const { media } = this.slot;
    const { x, y } = offset(media.motion, Math.max(0, elapsedMs), media.width, media.height, panel.width, panel.height);
    const at = `${x},${y}`;
    if (at === this.at) return;
    this.at = at;
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = !media.motion && media.width !== panel.width;
    const [width, height] = media.motion ? [panel.width, panel.height] : [media.width, media.height];
    context.drawImage(this.picture, x, y, width, height, 0, 0, panel.width, panel.height);
  }

  // The element with the picture, for a screenshot.
  source() {
    return [this.canvas, this.video].find((part) => part.classList.contains("shown")) ?? null;
  }
}

function loadFilm(video, url, elapsedMs) {
  return new Promise((resolve, reject) => {
    const settle = (end, value) => {
      clearTimeout(timer);
      video.onloadeddata = video.onseeked = video.onerror = null;
      end(value);
    };
    const timer = setTimeout(() => settle(reject, new Error("the film does not start")), 15000);
    video.onerror = () => settle(reject, new Error(`the film cannot be played: ${video.error?.message ?? ""}`));
    video.onloadeddata = () => {
      const due = Math.max(0, elapsedMs) / 1000;
      if (due < 0.1 || due > video.duration) return settle(resolve);
      video.onseeked = () => settle(resolve);
      video.currentTime = due;
    };
    video.muted = true;
    video.preload = "auto";
    video.src = url;
    video.load();
  });
}
