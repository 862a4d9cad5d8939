// Lists with checkboxes: one checkbox selects all rows of the page.
for (const all of document.querySelectorAll("[data-pick-all]")) {
  const boxes = [...all.closest("form").querySelectorAll('td.pick input[type="checkbox"]')];
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  all.closest("form").addEventListener("change", () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  });
}
