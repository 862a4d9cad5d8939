// Save a text that is shown only once as a file.
for (const area of document.querySelectorAll("[data-save]")) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "primary", textContent: area.dataset.saveText });
  button.addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob(["\ufeff" + area.value.replaceAll("\n", "\r\n")], { type: "text/csv" }));
    Object.assign(document.createElement("a"), { href: address, download: area.dataset.save }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  });
  area.after(button);
}
