// Renders the screen in the window: two layers, one shown while the other is prepared, so that no black frame appears
// between items. Pixels are scaled by integers where the window is large enough.

import { Layer } from "./layer.js";

export class Renderer {
  constructor(element) {
    this.element = element;
    [this.front, this.back] = [...element.querySelectorAll(".layer")].map((part) => new Layer(part));
    this.panel = null;
    addEventListener("resize", () => this.fit());
  }

  setPanel(panel) {
    this.panel = panel;
    this.element.style.width = `${panel.width}px`;
    this.element.style.height = `${panel.height}px`;
    this.fit();
  }

  // Scale to the window, by an integer number of device pixels per panel pixel where that is one or more.
  fit() {
    if (!this.panel) return;
    const ratio = devicePixelRatio || 1;
    const { width, height } = this.panel;
    const room = Math.min((innerWidth * ratio) / width, (innerHeight * ratio) / height);
    const scale = (room >= 1 ? Math.floor(room) : room) / ratio;
    const left = Math.round(((innerWidth - width * scale) / 2) * ratio) / ratio;
    const top = Math.round(((innerHeight - height * scale) / 2) * ratio) / ratio;
    this.element.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    this.element.classList.toggle("crisp", room >= 1);
  }

  prepare(slot) {
    return this.back.prepare(slot, this.panel);
  }

  // Show the prepared layer; the previous one remains below it until it is needed.
  present() {
    [this.front, this.back] = [this.back, this.front];
    this.front.element.classList.add("ready", "front");
    this.front.presented = performance.now();
    this.back.element.classList.remove("front");
    this.back.video.pause();
    this.element.classList.remove("dark");
  }

  draw(elapsedMs) {
    this.front.draw(elapsedMs, this.panel);
  }

  // Dark by order.
  darken() {
    this.element.classList.add("dark");
  }

  dim(percent) {
    const value = percent >= 100 ? "" : `brightness(${percent}%)`;
    if (this.element.style.filter !== value) this.element.style.filter = value;
  }

  // The current picture as JPEG; null without one.
  async picture() {
    const source = this.front.source();
    if (!source || !this.front.ready || !this.panel) return null;
    const canvas = new OffscreenCanvas(this.panel.width, this.panel.height);
    canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
  }
}
