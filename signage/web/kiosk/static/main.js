// The kiosk player: composes its parts for the screen whose token is in the page's address.

import { readAll } from "./bounded_read.js";
import { Clock } from "./clock.js";
import { Playlists } from "./playlists.js";
import { Faults } from "./faults.js";
import { DownloadQueue } from "./download_queue.js";
import { Media } from "./media.js";
import { Player } from "./player.js";
import { Plays } from "./play_sender.js";
import { Polling } from "./polling.js";
import { Renderer } from "./renderer.js";
import { Status } from "./status.js";
import { Store } from "./offline_store.js";
import { Trust } from "./trust.js";
import { Watchdog } from "./watchdog.js";

const VERSION = "1";
const PATIENCE_MS = 20000;
const MOST_KEYS_BYTES = 65536;

async function start() {
  const token = location.pathname.split("/")[2];
  const base = `/s/${token}`;
  const name = `signage ${token}`;
  const faults = new Faults();
  const clock = new Clock();
  const store = await Store.open(name);
  const media = new Media(name, faults, { wanted: () => documents.addresses() });
  const stage = new Renderer(document.getElementById("stage"));
  const trust = new Trust(store, faults, () => fetchKeys(base));
  const documents = new Playlists({ base, store, trust, media, clock, faults });
  const gather = new DownloadQueue({ documents, media, faults });
  documents.onPolled = () => gather.wake();
  const plays = new Plays({ base, store, faults });
  const player = new Player({ stage, media, clock, documents, faults, onPlay: (play) => plays.add(play) });
  const status = new Status({ base, version: VERSION, player, documents, clock, faults, stage });
  globalThis.signage = { clock, documents, faults, media, player, plays, stage, store };
  await trust.load();
  await plays.load();
  await documents.load().catch((error) => faults.set("kept", `the stored playlist cannot be read: ${error.message}`));
  navigator.storage?.persist?.().catch(() => {});
  player.start();
  gather.wake();
  new Polling({ documents, faults, clock }).start();
  plays.start();
  status.start();
  new Watchdog({ player, documents, clock }).start();
  hideWaitingMessage(player);
  installWorker(base, faults);
}

async function fetchKeys(base) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`${base}/keys.json`, { cache: "no-store", credentials: "omit", signal });
  if (!answer.ok) throw new Error(`keys.json: ${answer.status}`);
  return { bytes: await readAll(answer, MOST_KEYS_BYTES), header: answer.headers.get("Playlist-Signature") };
}

// Hide the waiting message once the first picture is shown.
function hideWaitingMessage(player) {
  const timer = setInterval(() => {
    if (player.current === null && player.documents.shows?.at(player.clock.now()).kind !== "dark") return;
    document.getElementById("waiting").hidden = true;
    clearInterval(timer);
  }, 50);
}

function installWorker(base, faults) {
  if (!navigator.serviceWorker) {
    faults.set("offline", "the page cannot be opened without a network: no secure context (HTTPS)");
    return;
  }
  navigator.serviceWorker.register(`${base}/worker.js`, { scope: base }).catch((error) => {
    faults.set("offline", `the page cannot be cached: ${error.message}`);
  });
}

start();
