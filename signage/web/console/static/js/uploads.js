// The upload form: files dropped or chosen, a line and a bar for each, then how far its making is.
import { Upload } from "./tus.js";

const form = document.querySelector("[data-uploads]");
const list = document.querySelector("[data-upload-list]");
const words = form?.dataset;
const AT_ONCE = 2;
const waiting = [];
let under = 0;

function line(file) {
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

function add(files) {
  for (const file of files) {
    const upload = new Upload(words.uploads, file);
    const row = line(file);
    upload.addEventListener("progress", (event) => put(row, words.sending, event.detail));
    upload.addEventListener("broken", () => put(row, words.again));
    upload.addEventListener("login", () => put(row, words.login));
    upload.addEventListener("refused", (event) => refuse(row, upload, event.detail));
    row.stop.addEventListener("click", async () => {
      await upload.stop();
      row.root.remove();
    });
    waiting.push([upload, row]);
  }
  next();
}

async function next() {
  while (under < AT_ONCE && waiting.length) {
    const [upload, row] = waiting.shift();
    if (!row.root.isConnected) continue;
    under += 1;
    upload.addEventListener("sent", () => settle(upload, row));
    upload.run().finally(() => {
      under -= 1;
      next();
    });
  }
}

function put(row, text, part) {
  if (row.state.textContent !== text) row.state.textContent = text;
  if (part !== undefined) row.bar.value = part;
}

function refuse(row, upload, told) {
  upload.forget();
  row.root.classList.add("bad");
  row.bar.remove();
  put(row, told || words.failed);
}

async function settle(upload, row) {
  put(row, words.checking, 1);
  row.stop.remove();
  const told = await json(words.outcome.replace("ID", upload.id));
  if (!told || (!told.sha256 && !told.fault)) return void setTimeout(() => settle(upload, row), 1000);
  upload.forget();
  if (told.fault) return refuse(row, upload, told.fault);
  const link = Object.assign(document.createElement("a"), { href: words.clip.replace("SHA", told.sha256), textContent: row.name.textContent });
  row.name.replaceChildren(link);
  return make(row, told.sha256);
}

async function make(row, sha256) {
  const told = await json(words.progress.replace("SHA", sha256));
  if (told?.faults.length) return refuse(row, { forget() {} }, told.faults.join(" "));
  if (told && told.progress >= 1) {
    row.root.classList.add("good");
    return put(row, words.ready, 1);
  }
  put(row, words.making, told?.progress ?? 0);
  return void setTimeout(() => make(row, sha256), 1500);
}

async function json(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok || answer?.status === 404 ? answer.json() : null;
}

if (form) {
  form.querySelector('input[type="file"]').addEventListener("change", (event) => {
    add(event.target.files);
    event.target.value = "";
  });
  for (const name of ["dragover", "dragenter"]) form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (under > 0) event.preventDefault();
  });
}
