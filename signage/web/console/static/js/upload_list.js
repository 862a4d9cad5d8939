// The upload form: a row for each chosen or dropped file, with the progress of upload and renditions.
import { Upload } from "./tus_upload.js";

const form = document.querySelector("[data-uploads]");
const list = document.querySelector("[data-upload-list]");
const words = form?.dataset;
const AT_ONCE = 2;
const waiting = [];
let running = 0;

function createRow(file) {
  const root = Object.assign(document.createElement("li"), { className: "upload card" });
  const name = Object.assign(document.createElement("strong"), { textContent: file.name });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", file.name);
  const state = Object.assign(document.createElement("span"), { className: "upload-state", textContent: words.waiting });
  const stop = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: words.stop });
  root.append(name, bar, state, stop);
  list.append(root);
  return { root, bar, state, stop, name };
}

function addFiles(files) {
  for (const file of files) {
    const upload = new Upload(words.uploads, file);
    const row = createRow(file);
    upload.addEventListener("progress", (event) => updateRow(row, words.sending, event.detail));
    upload.addEventListener("broken", () => updateRow(row, words.again));
    upload.addEventListener("login", () => updateRow(row, words.login));
    upload.addEventListener("refused", (event) => showRefusal(row, upload, event.detail));
    row.stop.addEventListener("click", async () => {
      await upload.stop();
      row.root.remove();
    });
    waiting.push([upload, row]);
  }
  startNext();
}

async function startNext() {
  while (running < AT_ONCE && waiting.length) {
    const [upload, row] = waiting.shift();
    if (!row.root.isConnected) continue;
    running += 1;
    upload.addEventListener("sent", () => followOutcome(upload, row));
    upload.run().finally(() => {
      running -= 1;
      startNext();
    });
  }
}

function updateRow(row, text, part) {
  if (row.state.textContent !== text) row.state.textContent = text;
  if (part !== undefined) row.bar.value = part;
}

function showRefusal(row, upload, message) {
  upload.forget();
  row.root.classList.add("bad");
  row.bar.remove();
  updateRow(row, message || words.failed);
}

async function followOutcome(upload, row) {
  updateRow(row, words.checking, 1);
  row.stop.remove();
  const outcome = await fetchJson(words.outcome.replace("ID", upload.id));
  if (!outcome || (!outcome.sha256 && !outcome.fault)) return void setTimeout(() => followOutcome(upload, row), 1000);
  upload.forget();
  if (outcome.fault) return showRefusal(row, upload, outcome.fault);
  const link = Object.assign(document.createElement("a"), { href: words.clip.replace("SHA", outcome.sha256), textContent: row.name.textContent });
  row.name.replaceChildren(link);
  return followProgress(row, outcome.sha256);
}

async function followProgress(row, sha256) {
  const outcome = await fetchJson(words.progress.replace("SHA", sha256));
  if (outcome?.faults.length) return showRefusal(row, { forget() {} }, outcome.faults.join(" "));
  if (outcome && outcome.progress >= 1) {
    row.root.classList.add("good");
    return updateRow(row, words.ready, 1);
  }
  updateRow(row, words.making, outcome?.progress ?? 0);
  return void setTimeout(() => followProgress(row, sha256), 1500);
}

async function fetchJson(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok || answer?.status === 404 ? answer.json() : null;
}

if (form) {
  form.querySelector('input[type="file"]').addEventListener("change", (event) => {
    addFiles(event.target.files);
    event.target.value = "";
  });
  for (const name of ["dragover", "dragenter"]) form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    addFiles(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (running > 0) event.preventDefault();
  });
}
