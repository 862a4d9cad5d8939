// For every page: the menu on a phone, confirmations, copy buttons, and the focus on faults.
import { askToConfirm } from "./confirm_dialog.js";

const menu = document.querySelector("[data-menu]");
const button = document.querySelector("[data-menu-button]");
if (menu && button) {
  const narrow = matchMedia("(max-width: 56rem)");
  const updateMenu = () => {
    menu.classList.toggle("folds", narrow.matches);
    menu.classList.remove("open");
    button.hidden = !narrow.matches;
    button.setAttribute("aria-expanded", "false");
  };
  button.addEventListener("click", () => {
    const open = menu.classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
  narrow.addEventListener("change", updateMenu);
  updateMenu();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.ask || form.dataset.asked) return;
  event.preventDefault();
  if (await askToConfirm(form.dataset.ask, form.dataset.askYes, form.dataset.askNo)) {
    form.dataset.asked = "yes";
    form.requestSubmit(event.submitter);
  }
});

for (const frame of document.querySelectorAll("[data-copy]")) {
  const copier = frame.querySelector("[data-copy-button]");
  const label = copier.querySelector("[data-copied]");
  if (!navigator.clipboard) continue;
  copier.hidden = false;
  copier.addEventListener("click", async () => {
    await navigator.clipboard.writeText(frame.querySelector("code").textContent);
    label.textContent = label.dataset.copied;
  });
}

document.querySelector("[data-focus]")?.focus();

// Remove the message after a change from the address, so that a reload does not repeat it.
if (document.querySelector("[data-passing]")) {
  const address = new URL(location.href);
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}
