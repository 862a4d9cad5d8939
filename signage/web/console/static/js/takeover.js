// The takeover's form: what is chosen shows its field, chips fill the selectors, the reach and previews follow.
import { Previews } from "./previewing.js";

const form = document.querySelector("[data-takeover]");
if (form) {
  const reached = form.querySelector("[data-reached]");
  const screens = form.elements.screens;
  const previews = new Previews(form.querySelector("[data-previews]"), form.dataset.previewAddress);
  let panels = [];
  let timer;

  function choose() {
    for (const part of form.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== form.elements.what.value;
    for (const part of form.querySelectorAll("[data-length]")) part.hidden = part.dataset.length !== form.elements.minutes.value;
  }

  function words() {
    return screens.value.split(/[\s,，、]+/).filter(Boolean);
  }

  function chips() {
    const chosen = new Set(words());
    for (const chip of form.querySelectorAll("[data-word]")) chip.setAttribute("aria-pressed", chosen.has(chip.dataset.word));
  }

  async function reach() {
    chips();
    if (words().length === 0) {
      reached.textContent = "";
      return;
    }
    const answer = await fetch(`${form.dataset.reach}?screens=${encodeURIComponent(words().join(" "))}`).catch(() => null);
    if (!answer?.ok) return;
    const told = await answer.json();
    const text = told.screens ? reached.dataset.one : reached.dataset.none;
    reached.textContent = text.replace("{screens}", told.screens).replace("{silent}", told.silent);
    reached.classList.toggle("none", told.screens === 0);
    panels = told.panels;
    show();
  }

  function show() {
    previews.later([["text", form.elements.text.value], ...panels.map((panel) => ["panel", panel])]);
  }

  form.querySelector("[data-chips]").hidden = false;
  form.querySelector("[data-chips]").addEventListener("click", (event) => {
    const chip = event.target.closest("[data-word]");
    if (!chip) return;
    const chosen = new Set(words());
    if (chip.dataset.word === "*") screens.value = chosen.has("*") ? "" : "*";
    else {
      chosen.delete("*");
      if (!chosen.delete(chip.dataset.word)) chosen.add(chip.dataset.word);
      screens.value = [...chosen].join(" ");
    }
    reach();
  });
  form.addEventListener("change", choose);
  form.elements.text.addEventListener("input", show);
  screens.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(reach, 300);
  });
  choose();
  reach();
}
