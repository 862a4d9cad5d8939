// Miniatures of items: every [data-preview] is drawn once it is visible.
import { Mini } from "./miniature.js";

export function createPreview(root) {
  const panel = { width: Number(root.dataset.width), height: Number(root.dataset.height) };
  const mini = new Mini(root, panel);
  mini.loop(JSON.parse(root.dataset.preview));
  return mini;
}

export const previews = new Map([...document.querySelectorAll("[data-preview]")].map((root) => [root, createPreview(root)]));
