// The kiosk player: puts its parts together for the screen whose token stands in the page's address.

import { whole } from "./bounded.js";
import { Clock } from "./clock.js";
import { Documents } from "./documents.js";
import { Faults } from "./faults.js";
import { Gather } from "./gather.js";
import { Media } from "./media.js";
import { Player } from "./player.js";
import { Plays } from "./plays.js";
import { Polling } from "./polling.js";
import { Stage } from "./stage.js";
import { Status } from "./status.js";
import { Store } from "./store.js";
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
  const stage = new Stage(document.getElementById("stage"));
  const trust = new Trust(store, faults, () => fetchKeys(base));
  const documents = new Documents({ base, store, trust, media, clock, faults });
  const gather = new Gather({ documents, media, faults });
  documents.onPolled = () => gather.wake();
  const plays = new Plays({ base, store, faults });
  const player = new Player({ stage, media, clock, documents, faults, onPlay: (play) => plays.add(play) });
  const status = new Status({ base, version: VERSION, player, documents, clock, faults, stage });
  globalThis.signage = { clock, documents, faults, media, player, plays, stage, store };
  await trust.load();
  await plays.load();
  await documents.load().catch((error) => faults.set("kept", `what was kept cannot be read: ${error.message}`));
  navigator.storage?.persist?.().catch(() => {});
  player.start();
  gather.wake();
  new Polling({ documents, faults, clock }).start();
  plays.start();
  status.start();
  new Watchdog({ player, documents, clock }).start();
  unveil(player);
  install(base, faults);
}

async function fetchKeys(base) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`${base}/keys.json`, { cache: "no-store", credentials: "omit", signal });
  if (!answer.ok) throw new Error(`keys.json: ${answer.status}`);
  return { bytes: await whole(answer, MOST_KEYS_BYTES), header: answer.headers.get("Playlist-Signature") };
}

// The waiting page goes when the first picture is there.
function unveil(player) {
  const timer = setInterval(() => {
    if (player.current === null && player.documents.shows?.at(player.clock.now()).kind !== "dark") return;
    document.getElementById("waiting").hidden = true;
    clearInterval(timer);
  }, 50);
}

function install(base, faults) {
  if (!navigator.serviceWorker) {
    faults.set("offline", "the page cannot be opened without a network: no secure context (HTTPS)");
    return;
  }
  navigator.serviceWorker.register(`${base}/worker.js`, { scope: base }).catch((error) => {
    faults.set("offline", `the page cannot be kept: ${error.message}`);
  });
}

start();
