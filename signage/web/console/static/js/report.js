// A report takes as long as counting its plays does: it is fetched behind the page that says so, and put into it.
const place = document.querySelector("[data-report]");

async function article() {
  const answer = await fetch(place.dataset.report);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("article.report");
}

try {
  place.replaceWith(document.adoptNode(await article()));
} catch {
  for (const one of place.querySelectorAll("[data-counting]")) one.hidden = true;
  place.querySelector("[data-failed]").hidden = false;
}
