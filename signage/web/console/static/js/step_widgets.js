// What the steps show while one works: previews of slogans, chips, search as one types, miniatures.
import { Mini } from "./miniature.js";
import { Previews } from "./text_previews.js";

const STYLE = ["effect", "color", "background", "size_px", "px_per_s"];
let previews = null;

export function startWidgets(form, actions) {
  const place = form.querySelector("[data-previews]");
  previews = place ? new Previews(place, place.dataset.address) : null;
  form.addEventListener("focusin", (event) => event.target.matches("[data-live]") && showPreviews(form, event.target));
  form.addEventListener("input", (event) => event.target.matches("[data-live]") && showPreviews(form, event.target));
  form.addEventListener("change", (event) => event.target.matches("[data-instant]") && changeChoice(form, event.target, actions));
  form.addEventListener("keydown", (event) => pressKey(event, actions));
  startSearch(form, actions);
  showFirstSlogan(form);
  for (const root of form.querySelectorAll("[data-segments]")) playSegments(root);
  showScreens(form);
}

function showFirstSlogan(form) {
  const live = [...form.querySelectorAll("[data-live]")].find((area) => area.value.trim());
  if (live) showPreviews(form, live);
}

// The line at the cursor: a list that is pasted has a slogan in each.
function getLiveText(area) {
  if (!area.hasAttribute("data-composer")) return area.value;
  const lines = area.value.split("\n");
  const line = area.value.slice(0, area.selectionStart).split("\n").length - 1;
  return (lines[line]?.trim() ? lines[line] : (lines.find((one) => one.trim()) ?? "")).trim();
}

function showPreviews(form, area) {
  if (!previews) return;
  const text = getLiveText(area);
  form.querySelector("[data-live-hint]").hidden = text.trim() !== "";
  const row = area.name.endsWith(".text") ? area.name.slice(0, -"text".length) : "";
  const style = STYLE.map((name) => {
    const own = row && form.elements[row + name]?.value;
    return [name, own && own !== "auto" ? own : (form.elements[name]?.value ?? "")];
  });
  const seconds = ["duration_s", (row && form.elements[`${row}duration_s`]?.value) || ""];
  const panels = form.querySelector("[data-previews]").dataset.panels.split(" ").map((panel) => ["panel", panel]);
  previews.schedule([["text", text], seconds, ...style.filter(([, value]) => value), ...panels]);
}

// All screens, or the chosen ones; a ticked clip becomes an item at once.
function changeChoice(form, box, actions) {
  if (box.name === "clip") actions.press([["do", "stay"]]);
  if (box.name !== "where" || !box.checked) return;
  const isAll = box.value === "*";
  for (const other of form.querySelectorAll('input[name="where"]')) if ((other.value === "*") !== isAll) other.checked = false;
}

function pressKey(event, actions) {
  const row = event.target.closest("[data-row]");
  if (row && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    actions.press([["do", `${event.key === "ArrowUp" ? "up" : "down"}-item-${row.dataset.row}`]]);
  }
  if (event.key === "Enter" && event.target.matches("[data-find]")) {
    event.preventDefault();
    actions.find(event.target.value);
  }
}

function startSearch(form, actions) {
  let timer;
  form.querySelector("[data-find]")?.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => actions.find(event.target.value), 300);
  });
}

// The first minutes, again and again.
function playSegments(root) {
  const segments = JSON.parse(root.dataset.segments);
  if (!segments.length) return;
  const mini = new Mini(root, { width: Number(root.dataset.width), height: Number(root.dataset.height) });
  const label = root.parentElement.querySelector("[data-now-label]");
  mini.onsegment = (one) => {
    if (one && label.textContent !== one.label) label.textContent = one.label;
  };
  const replay = () => {
    if (!root.isConnected) return;
    const now = Date.now();
    mini.show(segments.map((one) => ({ ...one, from: now + one.from, until: now + one.until })));
    setTimeout(replay, segments.at(-1).until);
  };
  replay();
}

async function showScreens(form) {
  const list = form.querySelector("[data-wall]");
  const roots = new Map([...(list?.querySelectorAll("[data-screen]") ?? [])].slice(0, 48).map((root) => [root.dataset.screen, root]));
  if (!roots.size) return;
  const answer = await fetch(`${list.dataset.wall}?ids=${[...roots.keys()].join(",")}`).catch(() => null);
  if (!answer?.ok) return;
  for (const one of (await answer.json()).screens) if (one.panel && roots.get(one.screen)) new Mini(roots.get(one.screen), one.panel).show(one.segments);
}
