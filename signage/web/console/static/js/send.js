// Requests of scripts to our own server, with the page's CSRF token.
export const token = () => document.querySelector('meta[name="csrf-token"]').content;

export async function send(address, body, method = "POST") {
  const answer = await fetch(address, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token() },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  });
  const type = answer.headers.get("Content-Type") ?? "";
  const value = type.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw Object.assign(new Error(value?.detail ?? answer.statusText), { status: answer.status, value });
  return value;
}
