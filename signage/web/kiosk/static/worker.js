// Caches the page and its modules, so that the kiosk opens without a network. The page itself caches playlists and
// media. Requests go to the server first: an update is used at the next load.

const SHELL = [
  "main.js", "animation.js", "bounded_read.js", "clock.js", "playlists.js", "enrol.js", "faults.js", "download_queue.js", "icon.svg",
  "kiosk.css", "layer.js", "media.js", "offline_store.js", "play_sender.js", "player.js", "polling.js", "playback.js", "renderer.js", "status.js",
  "token.js", "trust.js", "watchdog.js",
].map((name) => `/kiosk/${name}`);
const PAGE = new URL(self.registration.scope).pathname.replace(/\/$/, "");
const CACHE = `signage-page ${PAGE}`;
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(precache().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  const page = pathname === PAGE || pathname === `${PAGE}/`;
  if (page) event.respondWith(respond(event.request, `${PAGE}/`));
  else if (SHELL.includes(pathname)) event.respondWith(respond(event.request, pathname));
});

async function precache() {
  const cache = await caches.open(CACHE);
  await cache.addAll([`${PAGE}/`, ...SHELL].map((path) => new Request(path, { cache: "no-cache" })));
}

async function respond(request, key) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(key);
  try {
    const signal = kept ? AbortSignal.timeout(PATIENCE_MS) : undefined;
    const fresh = await fetch(request.url, { cache: "no-cache", credentials: "omit", signal });
    if (fresh.ok) await cache.put(key, fresh.clone());
    return fresh.ok || fresh.status < 500 || !kept ? fresh : kept;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}
