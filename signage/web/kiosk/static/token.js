// Whether a token that this browser remembers is still some screen's.

const PATIENCE_MS = 10000;

// Whether the server itself refuses this token: unknown (401) or revoked (403), in its own words (RFC 9457). Silence,
// a fault of the server or another's answer on the way says nothing about it.
export async function refused(token) {
  try {
    const answer = await fetch(`/s/${encodeURIComponent(token)}/playlist.json`, {
      method: "HEAD", cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const own = (answer.headers.get("Content-Type") ?? "").startsWith("application/problem+json");
    return own && (answer.status === 401 || answer.status === 403);
  } catch {
    return false;
  }
}
