// Files that are chosen or dropped into a campaign: uploaded while one goes on, then added to its items.
import { Upload } from "./tus_upload.js";

const AT_ONCE = 2;
const ASK_MS = 1000;
const waiting = [];
let words = {};
let running = 0;
let addClip = () => {};

export const hasRunningUploads = () => running > 0 || waiting.length > 0;

export function startUploads(onClip) {
  addClip = onClip;
  const area = document.querySelector("[data-drop]");
  if (!area?.querySelector("[data-drop-here]")) return;
  words = { ...area.dataset };
  area.querySelector("[data-drop-here]").hidden = false;
  area.querySelector("[data-files]").addEventListener("change", (event) => {
    addFiles(event.target.files);
    event.target.value = "";
  });
  for (const name of ["dragover", "dragenter"]) area.addEventListener(name, (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    addFiles(event.dataTransfer.files);
  });
}

function addFiles(files) {
  for (const file of files) {
    const upload = new Upload(words.uploads, file);
    const row = createRow(file.name);
    upload.addEventListener("progress", (event) => update(row, words.sending, event.detail));
    upload.addEventListener("broken", () => update(row, words.again));
    upload.addEventListener("login", () => update(row, words.login));
    upload.addEventListener("refused", (event) => refuse(row, upload, event.detail));
    upload.addEventListener("sent", () => followOutcome(upload, row));
    row.stop.addEventListener("click", () => {
      upload.stop();
      row.root.remove();
    });
    waiting.push([upload, row]);
  }
  startNext();
}

function createRow(name) {
  const root = Object.assign(document.createElement("li"), { className: "upload card" });
  const title = Object.assign(document.createElement("strong"), { textContent: name });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", name);
  const state = Object.assign(document.createElement("span"), { className: "upload-state", textContent: words.waiting });
  const stop = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: words.stop });
  root.append(title, bar, state, stop);
  document.querySelector("[data-upload-list]").append(root);
  return { root, bar, state, stop };
}

function startNext() {
  while (running < AT_ONCE && waiting.length) {
    const [upload, row] = waiting.shift();
    if (!row.root.isConnected) continue;
    running += 1;
    upload.run().finally(() => {
      running -= 1;
      startNext();
    });
  }
}

function update(row, text, part) {
  if (row.state.textContent !== text) row.state.textContent = text;
  if (part !== undefined) row.bar.value = part;
}

function refuse(row, upload, message) {
  upload.forget();
  row.root.classList.add("bad");
  row.bar.remove();
  update(row, message || words.failed);
}

async function followOutcome(upload, row) {
  update(row, words.checking, 1);
  const answer = await fetch(words.outcome.replace("ID", upload.id)).catch(() => null);
  const outcome = answer?.ok || answer?.status === 404 ? await answer.json() : null;
  if (!outcome?.sha256 && !outcome?.fault) return void setTimeout(() => followOutcome(upload, row), ASK_MS);
  upload.forget();
  if (outcome.fault) return refuse(row, upload, outcome.fault);
  row.root.remove();
  return addClip(outcome.sha256);
}
