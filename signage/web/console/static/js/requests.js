// Requests to our own server, with the page's CSRF token.
export const getCsrfToken = () => document.querySelector('meta[name="csrf-token"]').content;

// The second half of a token is the mark of the page's user in this browser: see signage/web/security/cookies_csrf.py.
const getFormMark = (text) => text.slice(64);

// After a new login the open page has an outdated token: load the page and take its token, if it belongs to the same
// user. Resolves to whether there is a new token.
export async function renewToken() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
  if (!fresh || fresh === getCsrfToken() || getFormMark(fresh) !== getFormMark(getCsrfToken())) return false;
  document.querySelector('meta[name="csrf-token"]').content = fresh;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = fresh;
  return true;
}

// Send a change; repeat it with the new token after a new login of the same user.
export async function sendChange(address, options) {
  const ask = () => fetch(address, { ...options, headers: { ...options.headers, "X-CSRF-Token": getCsrfToken() }, credentials: "same-origin" });
  const answer = await ask();
  return answer.status === 403 && (await renewToken()) ? ask() : answer;
}

export async function sendJson(address, body, method = "POST") {
  const answer = await sendChange(address, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const type = answer.headers.get("Content-Type") ?? "";
  const value = type.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw Object.assign(new Error(value?.detail ?? answer.statusText), { status: answer.status, value });
  return value;
}
