// A slogan's form: every panel shows the text while it is typed.
import { Previews } from "./previewing.js";

const form = document.querySelector("[data-slogan]");
const root = document.querySelector("[data-previews]");
if (form && root) {
  const previews = new Previews(root, form.dataset.previewAddress);
  const panels = root.dataset.panels.split(" ").map((panel) => ["panel", panel]);
  const show = (wait) => previews.later([["text", form.elements.text.value], ...panels], wait);
  form.elements.text.addEventListener("input", () => show());
  show(0);
}
