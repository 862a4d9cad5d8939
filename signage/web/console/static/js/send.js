// Requests of scripts to our own server, with the page's CSRF token.
export const token = () => document.querySelector('meta[name="csrf-token"]').content;

// The second half of a token says whose page it is, in this browser: see signage/web/security/cookies_csrf.py.
const whose = (text) => text.slice(64);

// A new log-in has a token of its own, which the page that is open does not know: it is taken from the page as it is
// now, if it is the same person's. True where there is another one.
export async function renew() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
  if (!fresh || fresh === token() || whose(fresh) !== whose(token())) return false;
  document.querySelector('meta[name="csrf-token"]').content = fresh;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = fresh;
  return true;
}

// A change; after a new log-in of the same person it goes on with the new token.
export async function change(address, options) {
  const ask = () => fetch(address, { ...options, headers: { ...options.headers, "X-CSRF-Token": token() }, credentials: "same-origin" });
  const answer = await ask();
  return answer.status === 403 && (await renew()) ? ask() : answer;
}

export async function send(address, body, method = "POST") {
  const answer = await change(address, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const type = answer.headers.get("Content-Type") ?? "";
  const value = type.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw Object.assign(new Error(value?.detail ?? answer.statusText), { status: answer.status, value });
  return value;
}
