// How a takeover lands: asked every two seconds while it runs.
const root = document.querySelector("[data-receipt]");
const SOON_MS = 2000;

function missing(list) {
  return ([screen, state]) => {
    const line = Object.assign(document.createElement("li"), { className: state });
    const href = list.dataset.screen.replace("SCREEN", encodeURIComponent(screen));
    const text = state === "fetched" ? list.dataset.fetchedText : list.dataset.silentText;
    line.append(Object.assign(document.createElement("a"), { href, textContent: screen }), ` ${text}`);
    return line;
  };
}

function all(list) {
  return Object.assign(document.createElement("li"), { className: "muted", textContent: list.dataset.allText });
}

async function ask() {
  if (document.hidden) return true;
  const answer = await fetch(root.dataset.receipt).catch(() => null);
  if (!answer?.ok) return true;
  const told = await answer.json();
  for (const name of ["shown", "fetched", "silent"]) {
    const place = root.querySelector(`[data-${name}]`);
    if (place.textContent !== String(told[name])) place.textContent = told[name];
  }
  root.querySelector("[data-bar]").value = told.shown;
  const list = root.querySelector("[data-missing]");
  list.replaceChildren(...told.missing.map(missing(list)), ...(told.missing.length ? [] : [all(list)]));
  return told.running;
}

if (root?.dataset.running) {
  const again = async () => {
    if (await ask()) setTimeout(again, SOON_MS);
    else location.reload();
  };
  setTimeout(again, SOON_MS);
}
