// A review: each item counts as looked at once it stood in sight for a moment (films: once they played to their end),
// and the button to approve opens when nothing is left.
import "./previews.js";
import { change } from "./send.js";

const SIGHT_MS = 1200;
const root = document.querySelector("[data-review]");
if (root) {
  const button = document.querySelector("[data-approve-button]");
  const line = document.querySelector("[data-left]");
  const timers = new Map();

  async function looked(item) {
    if (item.querySelector("[data-seen]").classList.contains("yes")) return;
    const body = new URLSearchParams({ item: item.dataset.item });
    const answer = await change(root.dataset.review, { method: "POST", body }).catch(() => null);
    if (!answer?.ok) return;
    const { left } = await answer.json();
    if (left.includes(item.dataset.item)) return void setTimeout(() => looked(item), 1000);
    mark(item);
    line.textContent = left.length ? line.dataset.some.replace("{left}", left.length) : line.dataset.none;
    button.disabled = left.length > 0;
  }

  function mark(item) {
    const seen = item.querySelector("[data-seen]");
    seen.classList.add("yes");
    const text = seen.querySelector("[data-yes]");
    text.textContent = text.dataset.yes;
    item.querySelector("[data-watch]")?.remove();
  }

  // Films are watched in a player of the page; where nothing is made for a panel yet, there is nothing to watch.
  function watch(item) {
    const frame = item.querySelector("[data-preview]");
    if (!frame) return;
    const media = JSON.parse(frame.dataset.preview);
    const video = Object.assign(document.createElement("video"), { src: media.href, controls: true, autoplay: true, playsInline: true, className: "watched" });
    let furthest = 0;
    video.addEventListener("timeupdate", () => {
      if (!video.seeking) furthest = Math.max(furthest, video.currentTime);
    });
    video.addEventListener("seeking", () => {
      if (video.currentTime > furthest + 0.5) video.currentTime = furthest;
    });
    video.addEventListener("ended", () => looked(item));
    item.querySelector(".item-panels").before(video);
    item.querySelector("[data-watch]").hidden = true;
    video.play().catch(() => {});
  }

  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      if (isIntersecting) timers.set(target, setTimeout(() => looked(target.closest("[data-item]")), SIGHT_MS));
    }
  }, { threshold: 0.6 });

  for (const item of root.querySelectorAll("[data-item]")) {
    const made = item.querySelector("[data-preview]");
    if (!made || item.querySelector("[data-seen].yes")) continue;
    if ("film" in item.dataset) {
      const play = item.querySelector("[data-watch]");
      play.hidden = false;
      play.addEventListener("click", () => watch(item));
    } else sight.observe(made);
  }

  // What is still being made for a panel is asked about again, unless somebody writes or watches.
  if (root.querySelector("[data-not-made]")) {
    setInterval(() => {
      const busy = document.querySelector("video.watched, textarea:focus") || document.querySelector('[name="note"]').value;
      if (!busy && !document.hidden) location.reload();
    }, 10_000);
  }
}
