// A miniature of a screen: the panel's pixels on a canvas, animated by the playlist's own rule. Strips scroll, pages
// turn, films play; with reduced motion a representative still is shown.
import { offset } from "/kiosk/playback.js";

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const WIDEST = 640;
const FRAME_MS = 1000 / 30;
const pictures = new Map();
const minis = new Set();
let last = 0;
let running = false;

// The server's clock, as an offset to this browser's.
export class Clock {
  constructor(serverNow = Date.now()) {
    this.set(serverNow);
  }

  set(serverNow) {
    this.ahead = serverNow - Date.now();
  }

  now() {
    return Date.now() + this.ahead;
  }
}

export class Mini {
  // `root` holds a <canvas>; `panel` is {width, height}.
  constructor(root, panel, clock = new Clock()) {
    this.root = root;
    this.panel = panel;
    this.clock = clock;
    this.segments = [];
    this.canvas = root.querySelector("canvas") ?? root.appendChild(document.createElement("canvas"));
    this.scale = Math.min(1, WIDEST / panel.width);
    this.canvas.width = Math.round(panel.width * this.scale);
    this.canvas.height = Math.round(panel.height * this.scale);
    this.canvas.classList.toggle("pixels", this.scale === 1);
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.visible = false;
    this.drawn = "";
    watcher.observe(root);
    minis.add(this);
    startAnimation();
  }

  // Show segments of time: {from, until, href, type, width, height, motion, label}.
  show(segments) {
    this.segments = segments;
    this.drawn = "";
    for (const one of segments.slice(0, 3)) if (one.href && one.type.startsWith("image/")) loadImage(one.href);
    this.draw();
  }

  // Loop one item from its start.
  loop(item) {
    const now = this.clock.now();
    this.show([{ ...item, from: now, until: Infinity }]);
  }

  segment(now = this.clock.now()) {
    return this.segments.find((one) => now >= one.from && now < one.until) ?? null;
  }

  draw() {
    if (!this.canvas.isConnected) return this.placed ? this.close() : undefined;
    this.placed = true;
    const now = this.clock.now();
    const one = this.segment(now);
    this.onsegment?.(one);
    if (!one?.href) return this.blank(one);
    if (one.type.startsWith("video/")) return this.visible ? this.film(one, now) : undefined;
    this.pause();
    const image = loadImage(one.href);
    if (!image.complete || !image.naturalWidth) return undefined;
    const { width, height } = this.panel;
    const elapsed = still.matches && one.motion ? getStillOffsetMs(one, this.panel) : now - one.from;
    const { x, y } = offset(one.motion, elapsed, one.width, one.height, width, height);
    const key = `${one.href} ${x} ${y}`;
    if (key === this.drawn) return undefined;
    this.drawn = key;
    this.context.imageSmoothingEnabled = this.scale < 1;
    this.context.drawImage(image, x, y, width, height, 0, 0, this.canvas.width, this.canvas.height);
    return undefined;
  }

  film(one, now) {
    if (this.video?.dataset.href !== one.href) {
      this.pause();
      this.video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
      this.video.dataset.href = one.href;
      this.video.src = one.href;
      if (one.until === Infinity) this.video.loop = true;
      this.video.addEventListener("ended", () => this.onend?.());
      this.video.addEventListener("timeupdate", () => this.onprogress?.(this.video.currentTime, this.video.duration));
    }
    const wanted = (now - one.from) / 1000;
    if (one.until !== Infinity && Math.abs(this.video.currentTime - wanted) > 1) this.video.currentTime = wanted;
    if (this.video.paused && !still.matches) this.video.play().catch(() => {});
    if (this.video.readyState >= 2) {
      this.context.imageSmoothingEnabled = true;
      this.context.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
      this.drawn = "";
    }
  }

  blank(one) {
    const key = one?.kind ?? "none";
    if (this.drawn !== key) {
      this.pause();
      this.drawn = key;
      this.context.fillStyle = "#000";
      this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    }
  }

  pause() {
    this.video?.pause();
    this.video?.removeAttribute("src");
    this.video = null;
  }

  close() {
    this.pause();
    minis.delete(this);
    watcher.unobserve(this.root);
  }
}

// The offset at which a strip has scrolled in; 0 for pages.
function getStillOffsetMs(one, panel) {
  return one.motion.effect === "scroll-left" ? (panel.width * 1000) / one.motion.px_per_s : 0;
}

function loadImage(href) {
  if (!pictures.has(href)) {
    if (pictures.size > 200) pictures.delete(pictures.keys().next().value);
    const image = Object.assign(new Image(), { decoding: "async" });
    image.addEventListener("load", () => minis.forEach((mini) => mini.segment()?.href === href && mini.draw()));
    image.src = href;
    pictures.set(href, image);
  }
  return pictures.get(href);
}

const byRoot = () => new Map([...minis].map((mini) => [mini.root, mini]));
const watcher = new IntersectionObserver((entries) => {
  const known = byRoot();
  for (const entry of entries) {
    const mini = known.get(entry.target);
    if (!mini) continue;
    mini.visible = entry.isIntersecting;
    if (!mini.visible) mini.pause();
  }
}, { rootMargin: "100px" });

function startAnimation() {
  if (running) return;
  running = true;
  requestAnimationFrame(drawFrame);
}

function drawFrame(time) {
  if (time - last >= FRAME_MS) {
    last = time;
    for (const mini of minis) if (mini.visible) mini.draw();
  }
  running = minis.size > 0;
  if (running) requestAnimationFrame(drawFrame);
}
