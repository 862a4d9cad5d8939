// The campaign form: rows change without a reload, and the slogan being typed is previewed.
import { Previews } from "./text_previews.js";
import { sendChange } from "./requests.js";

let previews = null;
let root = null;

function showPreviews(area) {
  const form = document.querySelector("[data-editing]");
  const place = form.querySelector("[data-previews]");
  if (place !== root) {
    root = place;
    previews = new Previews(place, form.dataset.previewAddress);
  }
  form.querySelector("[data-live-hint]").hidden = area.value.trim() !== "";
  const row = area.name.slice(0, -"text".length);
  const look = ["effect", "color", "background", "size_px", "px_per_s"].map((name) => {
    const own = form.elements[row + name]?.value;
    const all = form.elements[name]?.value;
    return [name, own && own !== "auto" ? own : (all ?? "")];
  });
  const seconds = ["duration_s", form.elements[`${row}duration_s`]?.value ?? ""];
  const panels = form.dataset.panels.split(" ").map((panel) => ["panel", panel]);
  previews.schedule([["text", area.value], seconds, ...look.filter(([, value]) => value), ...panels]);
}

document.addEventListener("focusin", (event) => event.target.matches?.("[data-live]") && showPreviews(event.target));
document.addEventListener("input", (event) => event.target.matches?.("[data-live]") && showPreviews(event.target));

// A film has the length of its pictures, and no field for seconds.
document.addEventListener("change", (event) => {
  if (!event.target.matches?.('[data-films] select[name$=".sha256"]')) return;
  const films = event.target.closest("[data-films]").dataset.films.split(" ");
  const seconds = event.target.closest("[data-row]").querySelector("[data-seconds]");
  if (seconds) seconds.hidden = films.includes(event.target.value);
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-editing]");
  const action = event.submitter?.name === "do" ? event.submitter.value : "";
  if (!form || !/^(add|drop|up|down)-/.test(action)) return;
  event.preventDefault();
  const body = new FormData(form);
  body.append("do", action);
  body.delete("csrf_token");
  const answer = await sendChange(form.action, { method: "POST", body: new URLSearchParams(body) }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) return submitWithoutScript(form, action);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-editing]");
  if (!fresh) return;
  const open = [...form.querySelectorAll("details")].map((one) => one.open);
  form.replaceWith(fresh);
  restoreFocus(fresh, action, open);
});

// The session has ended or is another user's: submit the form as without this script; the server retains it.
function submitWithoutScript(form, action) {
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: action }));
  form.submit();
}

// Restore the keyboard focus: in the new row, or in the moved row.
function restoreFocus(form, action, open) {
  const [verb, part, number] = action.split("-");
  const rows = form.querySelectorAll(`[id^="row-${part}-"]`);
  if (verb === "add") return (rows[rows.length - 1] ?? form).querySelector("textarea, input")?.focus();
  const at = Number(number) + (verb === "up" ? -1 : verb === "down" ? 1 : 0);
  const row = form.querySelector(`#row-${part}-${Math.min(at, rows.length)}`);
  if (open.length === form.querySelectorAll("details").length) form.querySelectorAll("details").forEach((one, n) => (one.open = open[n]));
  return (row?.querySelector(`button[value^="${verb}"]:not(:disabled)`) ?? row?.querySelector("textarea, input") ?? form).focus();
}
