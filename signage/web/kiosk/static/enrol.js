// A screen without a token, or with one that the server refuses, shows a code until a person has typed it in the
// console, then becomes that screen's player.

import { Store } from "./offline_store.js";
import { refused } from "./token.js";

const ADDRESS = "/screen/v1/enrolments";
const KEY = "signage-token";

const code = document.getElementById("code");
const note = document.getElementById("note");
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

function say(text) {
  note.textContent = text;
}

async function ask() {
  const ratio = devicePixelRatio || 1;
  const panel = { width: Math.round(screen.width * ratio), height: Math.round(screen.height * ratio) };
  const hardware = navigator.userAgent.slice(0, 200);
  const answer = await fetch(ADDRESS, { method: "POST", body: JSON.stringify({ hardware, panel }) });
  if (answer.status === 201) return answer.json();
  throw Object.assign(new Error(String(answer.status)), { after: Number(answer.headers.get("Retry-After")) || 30 });
}

// The screen's token and the server's key, or null when the code has run out.
async function wait({ id, poll_seconds: seconds }) {
  for (;;) {
    await pause(seconds);
    const answer = await fetch(`${ADDRESS}/${id}`, { cache: "no-store" }).catch(() => null);
    if (answer === null) say("网络不通，稍后重试… No network, trying again…");
    else if (answer.status === 200) return answer.json();
    else if (answer.status === 404 || answer.status === 410) return null;
    else say("等待确认… Waiting…");
  }
}

async function enrol() {
  for (;;) {
    try {
      const begun = await ask();
      code.textContent = begun.code;
      say("等待确认… Waiting…");
      const given = await wait(begun);
      if (given) return given;
    } catch (error) {
      say(`暂时无法登记，稍后重试… Cannot enrol now, trying again… (${error.message})`);
      await pause(error.after ?? 10);
    }
  }
}

// The page of this screen begins with the key that the enrolment named, not with the first that it sees.
async function pin({ token, key }) {
  const store = await Store.open(`signage ${token}`);
  if (key) await store.set("root", key);
  store.close();
}

async function start() {
  await navigator.serviceWorker?.register("/kiosk/worker.js").catch(() => {});
  let token = localStorage.getItem(KEY);
  if (token && (await refused(token))) {
    localStorage.removeItem(KEY);
    await globalThis.caches?.delete(`signage ${token}`).catch(() => {});
    token = null;
  }
  if (!token) {
    const given = await enrol();
    await pin(given);
    token = given.token;
    localStorage.setItem(KEY, token);
  }
  location.replace(`/s/${encodeURIComponent(token)}/`);
}

start();
