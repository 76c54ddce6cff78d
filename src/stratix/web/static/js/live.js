// Keeps what is shown of running evaluations up to date: the server says that something changed, and
// hands out the changed part of the page as it would have written it itself.

const PAUSE = 400;

async function refresh(part) {
  const response = await fetch(`/evaluations/${part.dataset.live}/live?view=${part.dataset.view ?? "card"}`);
  if (response.ok) part.innerHTML = await response.text();
}

function watch(part) {
  const events = new EventSource(`/api/v1/evaluations/${part.dataset.live}/events`);
  let waiting = false;
  events.addEventListener("progress", () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      refresh(part);
    }, PAUSE);
  });
  events.addEventListener("end", () => {
    events.close();
    // What belongs to a finished evaluation stands elsewhere on the page too.
    location.reload();
  });
}

document.querySelectorAll("[data-live]").forEach(watch);
