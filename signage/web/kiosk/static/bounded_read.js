// Reads response bodies within bounds of size and time.

const WINDOW_MS = 30000;
const LEAST_BYTES = 1024;

// Fetch the `size` bytes of `href`. Rejects for another status, another size, or a transfer that stalls for `windowMs`,
// and with the reason of `stop` (an AbortController) once that is aborted; the transfer ends then.
export async function fetchExactly(href, size, { stop, cache, windowMs = WINDOW_MS }) {
  let came = 0;
  const timer = setInterval(() => {
    if (came < LEAST_BYTES) stop.abort(new Error(`it came to a standstill (${windowMs / 1000} s)`));
    came = 0;
  }, windowMs);
  try {
    const answer = await fetch(href, { cache, signal: stop.signal });
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return await readInto(answer.body.getReader(), size, (count) => (came += count));
  } catch (error) {
    const { aborted, reason } = stop.signal;
    if (!aborted) stop.abort(error);
    throw aborted ? reason : error;
  } finally {
    clearInterval(timer);
  }
}

// The error of content other than announced: an early retry would bring the same.
export function createMismatchError(text) {
  return Object.assign(new Error(text), { differs: true });
}

// Read all bytes of `answer`, at most `most`.
export async function readAll(answer, most) {
  const parts = [];
  let size = 0;
  const reader = answer.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > most) {
      await reader.cancel();
      throw new Error("the answer does not end");
    }
    parts.push(part.value);
  }
  return new Blob(parts).arrayBuffer();
}

async function readInto(reader, size, onBytes) {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (at + part.value.byteLength > size) throw createMismatchError(`it has more than the ${size} bytes announced`);
    bytes.set(part.value, at);
    at += part.value.byteLength;
    onBytes(part.value.byteLength);
  }
  if (at < size) throw new Error(`it has ${at} of the ${size} bytes announced`);
  return bytes;
}
