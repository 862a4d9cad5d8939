// The takeover form: shows the fields of the chosen content, fills selectors by chips, updates audience and previews.
import { Previews } from "./text_previews.js";

const form = document.querySelector("[data-takeover]");
if (form) {
  const reached = form.querySelector("[data-reached]");
  const screens = form.elements.screens;
  const previews = new Previews(form.querySelector("[data-previews]"), form.dataset.previewAddress);
  let panels = [];
  let timer;

  function showChosenFields() {
    for (const part of form.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== form.elements.what.value;
    for (const part of form.querySelectorAll("[data-length]")) part.hidden = part.dataset.length !== form.elements.minutes.value;
  }

  function getSelectors() {
    return screens.value.split(/[\s,，、]+/).filter(Boolean);
  }

  function updateChips() {
    const chosen = new Set(getSelectors());
    for (const chip of form.querySelectorAll("[data-word]")) chip.setAttribute("aria-pressed", chosen.has(chip.dataset.word));
  }

  async function updateAudience() {
    updateChips();
    if (getSelectors().length === 0) {
      reached.textContent = "";
      return;
    }
    const answer = await fetch(`${form.dataset.reach}?screens=${encodeURIComponent(getSelectors().join(" "))}`).catch(() => null);
    if (!answer?.ok) return;
    const told = await answer.json();
    const text = told.screens ? reached.dataset.one : reached.dataset.none;
    reached.textContent = text.replace("{screens}", told.screens).replace("{silent}", told.silent);
    reached.classList.toggle("none", told.screens === 0);
    panels = told.panels;
    schedulePreviews();
  }

  function schedulePreviews() {
    previews.schedule([["text", form.elements.text.value], ...panels.map((panel) => ["panel", panel])]);
  }

  form.querySelector("[data-chips]").hidden = false;
  form.querySelector("[data-chips]").addEventListener("click", (event) => {
    const chip = event.target.closest("[data-word]");
    if (!chip) return;
    const chosen = new Set(getSelectors());
    if (chip.dataset.word === "*") screens.value = chosen.has("*") ? "" : "*";
    else {
      chosen.delete("*");
      chosen.delete(chip.dataset.replaces);
      if (!chosen.delete(chip.dataset.word)) chosen.add(chip.dataset.word);
      screens.value = [...chosen].join(" ");
    }
    updateAudience();
  });
  form.addEventListener("change", showChosenFields);
  form.elements.text.addEventListener("input", schedulePreviews);
  screens.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(updateAudience, 300);
  });
  showChosenFields();
  updateAudience();
}
