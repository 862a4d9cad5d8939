// The items of a campaign in order, by dragging; the buttons and Alt with an arrow key do the same.
export function startSorting(press) {
  const list = document.querySelector("[data-sortable]");
  if (!list) return;
  for (const handle of list.querySelectorAll("[data-drag]")) {
    handle.hidden = false;
    handle.addEventListener("pointerdown", (event) => drag(event, list, press));
  }
}

function drag(event, list, press) {
  const row = event.target.closest("[data-row]");
  const before = getOrder(list);
  event.preventDefault();
  event.target.setPointerCapture(event.pointerId);
  row.classList.add("dragged");
  const move = (at) => placeRow(list, row, at.clientY);
  const end = () => {
    event.target.removeEventListener("pointermove", move);
    row.classList.remove("dragged");
    const order = getOrder(list);
    if (order === before) return;
    document.querySelector("[data-order]").value = order;
    press([["do", "stay"]]);
  };
  event.target.addEventListener("pointermove", move);
  event.target.addEventListener("pointerup", end, { once: true });
  event.target.addEventListener("pointercancel", end, { once: true });
}

function placeRow(list, row, y) {
  for (const other of list.children) {
    if (other === row) continue;
    const { top, height } = other.getBoundingClientRect();
    const isBefore = other.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (isBefore && y < top + height / 2) return other.before(row);
    if (!isBefore && y > top + height / 2) other.after(row);
  }
  return undefined;
}

const getOrder = (list) => [...list.children].map((row) => row.dataset.row).join(" ");
