// Keeps the page and its modules, so that the kiosk opens without a network. Documents and media are the page's own
// matter. Everything is asked from the server first: an update is there at the next load.

const SHELL = [
  "main.js", "animation.js", "bounded.js", "clock.js", "documents.js", "enrol.js", "faults.js", "gather.js", "icon.svg",
  "kiosk.css", "layer.js", "media.js", "player.js", "plays.js", "polling.js", "showing.js", "stage.js", "status.js",
  "store.js", "token.js", "trust.js", "watchdog.js",
].map((name) => `/kiosk/${name}`);
const PAGE = new URL(self.registration.scope).pathname.replace(/\/$/, "");
const CACHE = `signage-page ${PAGE}`;
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  const page = pathname === PAGE || pathname === `${PAGE}/`;
  if (page) event.respondWith(answer(event.request, `${PAGE}/`));
  else if (SHELL.includes(pathname)) event.respondWith(answer(event.request, pathname));
});

async function keepAll() {
  const cache = await caches.open(CACHE);
  await cache.addAll([`${PAGE}/`, ...SHELL].map((path) => new Request(path, { cache: "no-cache" })));
}

async function answer(request, key) {
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
