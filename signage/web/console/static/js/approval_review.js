// Review: an item counts as viewed after it was visible for a moment (a film: after it played to its end); the
// approve button is enabled once every item was viewed.
import "./item_previews.js";
import { sendChange } from "./requests.js";

const SIGHT_MS = 1200;
const root = document.querySelector("[data-review]");
if (root) {
  const button = document.querySelector("[data-approve-button]");
  const line = document.querySelector("[data-left]");
  const timers = new Map();

  async function recordView(item) {
    if (item.querySelector("[data-seen]").classList.contains("yes")) return;
    const body = new URLSearchParams({ item: item.dataset.item });
    const answer = await sendChange(root.dataset.review, { method: "POST", body }).catch(() => null);
    if (!answer?.ok) return;
    const { left } = await answer.json();
    if (left.includes(item.dataset.item)) return void setTimeout(() => recordView(item), 1000);
    markViewed(item);
    line.textContent = left.length ? line.dataset.some.replace("{left}", left.length) : line.dataset.none;
    button.disabled = left.length > 0;
  }

  function markViewed(item) {
    const seen = item.querySelector("[data-seen]");
    seen.classList.add("yes");
    const text = seen.querySelector("[data-yes]");
    text.textContent = text.dataset.yes;
    item.querySelector("[data-watch]")?.remove();
  }

  // Play a film in the page; without a rendition there is nothing to play.
  function playFilm(item) {
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
    video.addEventListener("ended", () => recordView(item));
    item.querySelector(".item-panels").before(video);
    item.querySelector("[data-watch]").hidden = true;
    video.play().catch(() => {});
  }

  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      if (isIntersecting) timers.set(target, setTimeout(() => recordView(target.closest("[data-item]")), SIGHT_MS));
    }
  }, { threshold: 0.6 });

  for (const item of root.querySelectorAll("[data-item]")) {
    const made = item.querySelector("[data-preview]");
    if (!made || item.querySelector("[data-seen].yes")) continue;
    if ("film" in item.dataset) {
      const play = item.querySelector("[data-watch]");
      play.hidden = false;
      play.addEventListener("click", () => playFilm(item));
    } else sight.observe(made);
  }

  // Reload while renditions are missing, unless the user is typing or watching.
  if (root.querySelector("[data-not-made]")) {
    setInterval(() => {
      const busy = document.querySelector("video.watched, textarea:focus") || document.querySelector('[name="note"]').value;
      if (!busy && !document.hidden) location.reload();
    }, 10_000);
  }
}
