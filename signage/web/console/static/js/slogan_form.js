// The slogan form: previews the text on every panel while it is typed.
import { Previews } from "./text_previews.js";

const form = document.querySelector("[data-slogan]");
const root = document.querySelector("[data-previews]");
if (form && root) {
  const previews = new Previews(root, form.dataset.previewAddress);
  const panels = root.dataset.panels.split(" ").map((panel) => ["panel", panel]);
  const show = (wait) => previews.schedule([["text", form.elements.text.value], ...panels], wait);
  form.elements.text.addEventListener("input", () => show());
  show(0);
}
