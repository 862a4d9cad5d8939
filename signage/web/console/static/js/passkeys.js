// Login by passkey and registration of one; shown only where the browser supports it.
import { sendJson } from "./requests.js";

const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.isSecureContext;

for (const frame of document.querySelectorAll("[data-passkey-login]")) {
  if (!able) continue;
  frame.hidden = false;
  const button = frame.querySelector("button");
  const wrong = frame.querySelector('[role="alert"]');
  button.addEventListener("click", async () => {
    wrong.hidden = true;
    button.disabled = true;
    try {
      const asked = await sendJson(frame.dataset.begin, {});
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
      const credential = await navigator.credentials.get({ publicKey });
      const { next } = await sendJson(frame.dataset.finish, { credential: credential.toJSON(), next: frame.dataset.next });
      location.assign(next);
    } catch {
      wrong.textContent = frame.dataset.failed;
      wrong.hidden = false;
      button.disabled = false;
    }
  });
}

for (const form of document.querySelectorAll("[data-passkey-add]")) {
  if (!able) continue;
  form.hidden = false;
  const wrong = form.querySelector('[role="alert"]');
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    wrong.hidden = true;
    try {
      const asked = await sendJson(form.dataset.begin, {});
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked);
      const credential = await navigator.credentials.create({ publicKey });
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.requestSubmit();
    } catch {
      wrong.textContent = form.dataset.failed;
      wrong.hidden = false;
    }
  });
}
