// Delivery of a takeover, polled every two seconds while it runs.
const root = document.querySelector("[data-receipt]");
const SOON_MS = 2000;

function createMissingEntry(list) {
  return ([screen, state]) => {
    const line = Object.assign(document.createElement("li"), { className: state });
    const href = list.dataset.screen.replace("SCREEN", encodeURIComponent(screen));
    const text = state === "fetched" ? list.dataset.fetchedText : list.dataset.silentText;
    line.append(Object.assign(document.createElement("a"), { href, textContent: screen }), ` ${text}`);
    return line;
  };
}

function createCompleteEntry(list) {
  return Object.assign(document.createElement("li"), { className: "muted", textContent: list.dataset.allText });
}

async function poll() {
  if (document.hidden) return true;
  const answer = await fetch(root.dataset.receipt).catch(() => null);
  if (!answer?.ok) return true;
  const delivery = await answer.json();
  for (const name of ["shown", "fetched", "silent"]) {
    const place = root.querySelector(`[data-${name}]`);
    if (place.textContent !== String(delivery[name])) place.textContent = delivery[name];
  }
  root.querySelector("[data-bar]").value = delivery.shown;
  const list = root.querySelector("[data-missing]");
  list.replaceChildren(...delivery.missing.map(createMissingEntry(list)), ...(delivery.missing.length ? [] : [createCompleteEntry(list)]));
  return delivery.running;
}

if (root?.dataset.running) {
  const pollAgain = async () => {
    if (await poll()) setTimeout(pollAgain, SOON_MS);
    else location.reload();
  };
  setTimeout(pollAgain, SOON_MS);
}
