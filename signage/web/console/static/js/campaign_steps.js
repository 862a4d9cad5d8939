// A campaign in four steps: steps change without a reload (uploads go on), every change is saved by itself.
import { sendChange } from "./requests.js";
import { startWidgets } from "./step_widgets.js";
import { startSorting } from "./step_sorting.js";
import { hasRunningUploads, startUploads } from "./step_uploads.js";

const AUTOSAVE_MS = 700;
const RETRY_MS = 5000;
const TECHNICAL = ["csrf_token", "revision", "order", "do", "find"];
let saved = "";
let timer;
let queue = Promise.resolve();

const getForm = () => document.querySelector("[data-step-form]");
const getStep = () => document.querySelector("[data-steps]").dataset.steps;
const getKey = () => `campaign-form ${new URL(getForm().action).pathname}`;

function serialize(extra = []) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(getForm())) if (typeof value === "string" && name !== "csrf_token") body.append(name, value);
  for (const [name, value] of extra) body.append(name, value);
  return body;
}

function fingerprint(body = serialize()) {
  return JSON.stringify([...body].filter(([name]) => !TECHNICAL.includes(name)));
}

function say(text, bad = false) {
  const line = document.querySelector("[data-save-state]");
  if (line.textContent !== text) line.textContent = text;
  line.classList.toggle("bad", bad);
}

// Requests run one after the other: each needs the revision of the one before.
function enqueue(task) {
  queue = queue.then(task, task);
  return queue;
}

function scheduleAutosave(wait = AUTOSAVE_MS) {
  clearTimeout(timer);
  timer = setTimeout(() => enqueue(autosave), wait);
}

// Save what is typed; resolves to whether the server has it.
async function autosave() {
  clearTimeout(timer);
  const body = serialize([["do", "autosave"]]);
  const sent = fingerprint(body);
  if (sent === saved) return true;
  say(getForm().dataset.saving);
  const answer = await post(body);
  if (!answer) return false;
  const told = await answer.json();
  if (answer.status === 409) {
    say(told.fault, true);
    return false;
  }
  acknowledge(told, sent);
  await refresh();
  return true;
}

// Send the form; without a connection or a session it stays in this browser, and is sent again later.
async function post(body) {
  const answer = await sendChange(getForm().action, { method: "POST", body }).catch(() => null);
  const isOurs = answer && (answer.ok || answer.status === 409) && answer.headers.get("Content-Type").includes("json");
  if (isOurs) return answer;
  localStorage.setItem(getKey(), body.toString());
  say(answer ? getForm().dataset.login : getForm().dataset.offline, true);
  scheduleAutosave(RETRY_MS);
  return null;
}

function acknowledge({ number, revision }, sent) {
  const form = getForm();
  localStorage.removeItem(getKey());
  form.elements.revision.value = revision;
  if (!form.dataset.number) {
    form.dataset.number = number;
    form.action = form.dataset.new.replace(/0$/, number);
    history.replaceState(null, "", `${form.action}?step=${getStep()}`);
  }
  saved = sent;
  say(form.dataset.saved);
}

// Take the parts of the page that follow from the fields: counts, what else shows, the month.
async function refresh() {
  if (getStep() === "content") return;
  const page = await load(`${getForm().action}?step=${getStep()}`);
  const fresh = page?.querySelectorAll("[data-refresh]") ?? [];
  document.querySelectorAll("[data-refresh]").forEach((old, n) => fresh[n] && old.replaceWith(document.importNode(fresh[n], true)));
}

async function load(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

// Do what a button says: a step on or back, a row more or less, saving.
async function press(fields) {
  clearTimeout(timer);
  const body = serialize(fields);
  const before = captureFocus();
  const answer = await sendChange(getForm().action, { method: "POST", body }).catch(() => null);
  if (!answer) {
    localStorage.setItem(getKey(), serialize([["do", "autosave"]]).toString());
    return say(getForm().dataset.offline, true);
  }
  if (answer.status === 401 || answer.status === 403) return submitWithoutScript(fields);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-steps]");
  localStorage.removeItem(getKey());
  if (fresh) return show(page, fresh, answer.url, fields, before);
  saved = fingerprint();
  if (answer.ok) return location.assign(answer.url);
  document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
  return undefined;
}

// The session has ended: the server retains the form over the login.
function submitWithoutScript(fields) {
  saved = fingerprint();
  for (const [name, value] of fields) getForm().append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  getForm().submit();
}

function show(page, fresh, address, fields, before) {
  const old = document.querySelector("[data-steps]");
  const same = old.dataset.steps === fresh.dataset.steps;
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  const late = same ? captureFocus() : null;
  old.replaceWith(fresh);
  document.title = page.title;
  history[same ? "replaceState" : "pushState"](null, "", address.split("#")[0]);
  if (same && open.length === fresh.querySelectorAll("details").length) fresh.querySelectorAll("details").forEach((one, n) => (one.open = open[n]));
  start();
  restoreFocus(same, fields, before, late);
}

function captureFocus() {
  const active = document.activeElement;
  const isText = active?.matches?.("textarea, input[type=text], input:not([type])");
  return active?.id ? { id: active.id, value: isText ? active.value : null, at: isText ? active.selectionStart : null } : null;
}

// Keep the place of the keyboard, and what was typed while the answer was under way.
function restoreFocus(same, fields, before, late) {
  const fault = document.querySelector("[data-steps] [data-focus]");
  if (fault) return fault.focus();
  if (!same) {
    document.querySelector(".step-heading").focus({ preventScroll: true });
    return scrollTo(0, 0);
  }
  const action = fields.at(-1)?.[1] ?? "";
  const [verb, , number] = action.split("-");
  const row = document.querySelector(`[data-row="${Number(number) + (verb === "up" ? -1 : verb === "down" ? 1 : 0)}"]`);
  if (row && (verb === "up" || verb === "down")) return row.querySelector(`button[value^="${verb}"]:not(:disabled), button`)?.focus();
  const element = document.getElementById(late?.id ?? before?.id ?? "");
  if (element && late?.value && late.value !== before?.value) {
    element.value = late.value;
    scheduleAutosave();
  }
  element?.focus({ preventScroll: true });
  if (element && late?.at != null && element.value === late.value) element.setSelectionRange(late.at, late.at);
  return undefined;
}

// What could not be sent before is sent now.
async function restoreUnsent() {
  const unsent = localStorage.getItem(getKey());
  if (!unsent) return;
  const answer = await post(new URLSearchParams(unsent));
  if (!answer) return;
  const told = await answer.json();
  localStorage.removeItem(getKey());
  if (answer.status === 409) return say(told.fault, true);
  saved = fingerprint();
  location.replace(`${getForm().dataset.new.replace(/0$/, told.number)}?step=${getStep()}`);
}

function start() {
  saved = fingerprint();
  startWidgets(getForm(), { press: (fields) => enqueue(() => press(fields)), find });
  startSorting((fields) => enqueue(() => press(fields)));
  startUploads((sha256) => enqueue(() => press([["add_clip", sha256], ["do", "stay"]])));
}

async function find(text) {
  await enqueue(autosave);
  const page = await load(`${getForm().action}?step=${getStep()}&find=${encodeURIComponent(text)}`);
  const fresh = page?.querySelector("[data-results]");
  if (fresh) document.querySelector("[data-results]").replaceChildren(...fresh.childNodes);
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target !== getForm() || button?.hasAttribute("formaction")) {
    saved = fingerprint();
    return;
  }
  event.preventDefault();
  enqueue(() => press([[button?.name || "do", button?.value || "next"]]));
});
document.addEventListener("input", (event) => event.target.closest("[data-step-form]") && !event.target.matches("[data-find]") && scheduleAutosave());
window.addEventListener("online", () => enqueue(autosave));
window.addEventListener("popstate", async () => {
  const page = await load(location.href);
  const fresh = page?.querySelector("[data-steps]");
  if (!fresh) return location.reload();
  document.querySelector("[data-steps]").replaceWith(fresh);
  return start();
});
window.addEventListener("beforeunload", (event) => {
  if (getForm() && (fingerprint() !== saved || hasRunningUploads())) event.preventDefault();
});
start();
enqueue(restoreUnsent);
