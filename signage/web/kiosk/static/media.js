// Media, fetched once, checked by their sha256, kept in Cache Storage, and given to the page as object URLs.
// Without Cache Storage (no secure context) the browser's own cache keeps them: they never change under their name.

import { canAnimate } from "./animation.js";
import { sha256 } from "./trust.js";

const MAX_STRIP = 32000;
const STILLS = new Set(["image/png", "image/jpeg", "image/webp"]);

export class Media {
  constructor(name, faults) {
    this.name = name;
    this.faults = faults;
    this.urls = new Map();
    this.loading = new Map();
    this.seen = new Set();
    this.probe = document.createElement("video");
  }

  // The first of an item's media that can be played here; a GIF that would not keep the time only where it stands alone.
  choose(item) {
    const good = (media) => this.#playable(media) && (media.type !== "image/gif" || canAnimate());
    return item.media.find(good) ?? item.media.find((media) => this.#playable(media)) ?? item.media[0];
  }

  #playable(media) {
    if (STILLS.has(media.type)) return media.width <= MAX_STRIP && media.height <= MAX_STRIP;
    return this.probe.canPlayType(media.type) !== "";
  }

  // Have `media` here, whole and as announced; rejects otherwise.
  ensure(media) {
    let under = this.loading.get(media.sha256);
    if (!under) {
      under = this.#fetched(media).finally(() => this.loading.delete(media.sha256));
      this.loading.set(media.sha256, under);
    }
    return under;
  }

  async #fetched(media) {
    const cache = await this.#cache();
    if (cache ? await cache.match(media.href) : this.seen.has(media.href)) return;
    const answer = await fetch(media.href, { cache: cache ? "no-store" : "default" });
    if (!answer.ok) throw new Error(`media ${media.sha256}: ${answer.status}`);
    const bytes = await answer.arrayBuffer();
    const found = await sha256(bytes);
    if (bytes.byteLength !== media.bytes || (found !== null && found !== media.sha256)) {
      throw new Error(`media ${media.sha256}: the bytes are others than announced`);
    }
    if (!cache) return void this.seen.add(media.href);
    try {
      await cache.put(media.href, new Response(bytes, { headers: { "Content-Type": media.type } }));
      this.faults.clear("storage");
    } catch (error) {
      this.faults.set("storage", `media cannot be kept: ${error.name}`);
      this.urls.set(media.href, URL.createObjectURL(new Blob([bytes], { type: media.type })));
    }
  }

  // An address of `media` for an element of the page; what is kept comes from the cache.
  async url(media) {
    if (this.urls.has(media.href)) return this.urls.get(media.href);
    const kept = await (await this.#cache())?.match(media.href);
    if (!kept) return media.href;
    const url = URL.createObjectURL(await kept.blob());
    this.urls.set(media.href, url);
    return url;
  }

  // Forget all but `wanted` (addresses).
  async keepOnly(wanted) {
    for (const [href, url] of this.urls) {
      if (!wanted.has(href)) {
        URL.revokeObjectURL(url);
        this.urls.delete(href);
      }
    }
    const cache = await this.#cache();
    for (const request of (await cache?.keys()) ?? []) {
      if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
    }
  }

  async #cache() {
    try {
      return globalThis.caches ? await caches.open(this.name) : null;
    } catch {
      return null;
    }
  }
}
