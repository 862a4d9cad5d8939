// Items in small on a page: every [data-preview] is drawn, once it comes into sight.
import { Mini } from "./mini.js";

export function preview(root) {
  const panel = { width: Number(root.dataset.width), height: Number(root.dataset.height) };
  const mini = new Mini(root, panel);
  mini.loop(JSON.parse(root.dataset.preview));
  return mini;
}

export const previews = new Map([...document.querySelectorAll("[data-preview]")].map((root) => [root, preview(root)]));
