// Quick publishing: previews while one types, one choice of screens, and how many they are.
import { startWidgets } from "./step_widgets.js";

const form = document.querySelector("[data-quick-form]");
const line = form.querySelector("[data-reached]");

async function showReach() {
  const words = [...form.querySelectorAll('input[name="where"]:checked')].map((box) => box.value);
  const answer = await fetch(`${line.dataset.reach}?screens=${encodeURIComponent(words.join(" "))}`).catch(() => null);
  if (answer?.ok) line.textContent = line.dataset.one.replace("{screens}", (await answer.json()).screens);
}

startWidgets(form, { press() {}, find() {} });
form.addEventListener("change", (event) => event.target.name === "where" && showReach());
showReach();
