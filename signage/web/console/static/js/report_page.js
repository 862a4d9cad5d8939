// Counting plays takes time: the report is fetched in the background and inserted into its page.
const place = document.querySelector("[data-report]");

async function fetchReport() {
  const answer = await fetch(place.dataset.report);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("article.report");
}

try {
  place.replaceWith(document.adoptNode(await fetchReport()));
} catch {
  for (const one of place.querySelectorAll("[data-counting]")) one.hidden = true;
  place.querySelector("[data-failed]").hidden = false;
}
