// Ask for confirmation in a dialog; resolves to whether the answer was yes.
export function askToConfirm(question, yes, no) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    const text = document.createElement("p");
    text.textContent = question;
    text.id = "ask-text";
    dialog.setAttribute("aria-labelledby", text.id);
    const actions = document.createElement("div");
    actions.className = "actions";
    const make = (label, kind, answer) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = kind;
      button.textContent = label;
      button.addEventListener("click", () => dialog.close(answer));
      actions.append(button);
      return button;
    };
    const first = make(no, "", "no");
    make(yes, "danger", "yes");
    dialog.append(text, actions);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    first.focus();
  });
}
