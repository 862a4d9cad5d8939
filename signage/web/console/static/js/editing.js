// The campaign's form: rows change without leaving the place, and the slogan being written shows on the panels.
import { Previews } from "./previewing.js";
import { change } from "./send.js";

let previews = null;
let root = null;

function live(area) {
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
  previews.later([["text", area.value], seconds, ...look.filter(([, value]) => value), ...panels]);
}

document.addEventListener("focusin", (event) => event.target.matches?.("[data-live]") && live(event.target));
document.addEventListener("input", (event) => event.target.matches?.("[data-live]") && live(event.target));

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-editing]");
  const does = event.submitter?.name === "do" ? event.submitter.value : "";
  if (!form || !/^(add|drop|up|down)-/.test(does)) return;
  event.preventDefault();
  const body = new FormData(form);
  body.append("do", does);
  body.delete("csrf_token");
  const answer = await change(form.action, { method: "POST", body: new URLSearchParams(body) }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) return plainly(form, does);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-editing]");
  if (!fresh) return;
  const open = [...form.querySelectorAll("details")].map((one) => one.open);
  form.replaceWith(fresh);
  focus(fresh, does, open);
});

// The log-in is over, or another's: the form goes as it would without this script, and is kept on the way.
function plainly(form, does) {
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: does }));
  form.submit();
}

// The keyboard goes on where it was: in the new row, or in the row that moved.
function focus(form, does, open) {
  const [verb, part, number] = does.split("-");
  const rows = form.querySelectorAll(`[id^="row-${part}-"]`);
  if (verb === "add") return (rows[rows.length - 1] ?? form).querySelector("textarea, input")?.focus();
  const at = Number(number) + (verb === "up" ? -1 : verb === "down" ? 1 : 0);
  const row = form.querySelector(`#row-${part}-${Math.min(at, rows.length)}`);
  if (open.length === form.querySelectorAll("details").length) form.querySelectorAll("details").forEach((one, n) => (one.open = open[n]));
  return (row?.querySelector(`button[value^="${verb}"]:not(:disabled)`) ?? row?.querySelector("textarea, input") ?? form).focus();
}
