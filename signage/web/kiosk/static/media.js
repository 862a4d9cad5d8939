// Media: downloaded once, verified by their sha256, stored in Cache Storage, and given to the page as object URLs.
// Without Cache Storage (no secure context) the browser's HTTP cache stores them: they never change under their name.

import { canAnimate } from "./animation.js";
import { createMismatchError, fetchExactly } from "./bounded_read.js";
import { sha256 } from "./trust.js";

export const AT_ONCE = 3;
const MAX_STRIP = 32000;
const STILLS = new Set(["image/png", "image/jpeg", "image/webp"]);

export class Media {
  // `wanted` gives the addresses of all media of the documents that are here.
  constructor(name, faults, { wanted = () => new Set(), windowMs } = {}) {
    Object.assign(this, { name, faults, wanted, windowMs });
    this.urls = new Map();
    this.memory = new Map();
    this.loading = new Map();
    this.known = new Set();
    this.fetching = 0;
    this.probe = document.createElement("video");
  }

  // Choose the first playable media of an item; a GIF that cannot follow the clock only where there is no other.
  choose(item) {
    const good = (media) => this.#playable(media) && (media.type !== "image/gif" || canAnimate());
    return item.media.find(good) ?? item.media.find((media) => this.#playable(media)) ?? item.media[0];
  }

  #playable(media) {
    if (STILLS.has(media.type)) return media.width <= MAX_STRIP && media.height <= MAX_STRIP;
    return this.probe.canPlayType(media.type) !== "";
  }

  // Ensure that `media` is cached, complete and as announced; rejects otherwise, and while `most` downloads are running:
  // a browser has six connections to a server, and polls need one.
  ensure(media, most = Infinity) {
    let under = this.loading.get(media.sha256);
    if (!under) {
      under = { stop: new AbortController() };
      under.done = this.#ensureCached(media, under.stop, most).finally(() => {
        if (this.loading.get(media.sha256) === under) this.loading.delete(media.sha256);
      });
      this.loading.set(media.sha256, under);
    }
    return under.done;
  }

  // Abort downloads that are not among `wanted` (hashes).
  abandon(wanted) {
    for (const [sha, under] of this.loading) {
      if (wanted.has(sha)) continue;
      this.loading.delete(sha);
      under.stop.abort();
    }
  }

  // Whether `media` is cached, without asking the storage again if it was.
  async here(media) {
    return this.known.has(media.href) || this.#isCached(media);
  }

  async #isCached(media) {
    if (this.memory.has(media.href)) return true;
    const cache = await this.#cache();
    if (!cache) return this.known.has(media.href);
    const found = Boolean(await cache.match(media.href));
    if (found) this.known.add(media.href);
    else this.known.delete(media.href);
    return found;
  }

  async #ensureCached(media, stop, most) {
    if (await this.#isCached(media)) return;
    if (this.fetching >= most) throw new Error("it is not here, and others are coming in");
    this.fetching += 1;
    try {
      await this.#fetch(media, stop);
    } finally {
      this.fetching -= 1;
    }
  }

  async #fetch(media, stop) {
    const cache = await this.#cache();
    const { windowMs } = this;
    const bytes = await fetchExactly(media.href, media.bytes, { stop, cache: cache ? "no-store" : "default", windowMs });
    const found = await sha256(bytes);
    if (found !== null && found !== media.sha256) throw createMismatchError("the bytes are others than announced");
    if (cache) await this.#store(cache, media, bytes);
    this.known.add(media.href);
  }

  // Store the bytes, after evicting unneeded media if necessary; else in memory, with a fault in the status.
  async #store(cache, media, bytes) {
    const put = () => cache.put(media.href, new Response(bytes, { headers: { "Content-Type": media.type } }));
    try {
      await put().catch(async () => {
        await this.keepOnly(this.wanted());
        await put();
      });
    } catch (error) {
      this.memory.set(media.href, URL.createObjectURL(new Blob([bytes], { type: media.type })));
      this.faults.set("storage", `media cannot be kept: ${error.name}`);
    }
  }

  // An address of `media` for an element of the page, from the cache where possible.
  async url(media) {
    const known = () => this.memory.get(media.href) ?? this.urls.get(media.href);
    if (known()) return known();
    const kept = await (await this.#cache())?.match(media.href);
    if (!kept) return media.href;
    const blob = await kept.blob();
    if (!known()) this.urls.set(media.href, URL.createObjectURL(blob));
    return known();
  }

  // Evict everything but `wanted` (addresses).
  async keepOnly(wanted) {
    for (const urls of [this.urls, this.memory]) {
      for (const [href, url] of urls) {
        if (wanted.has(href)) continue;
        URL.revokeObjectURL(url);
        urls.delete(href);
      }
    }
    for (const href of this.known) if (!wanted.has(href)) this.known.delete(href);
    if (this.memory.size === 0) this.faults.clear("storage");
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
