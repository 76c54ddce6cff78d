// Keeps what is shown of running evaluations up to date: the server says that something changed, and
// hands out the changed part of the page as it would have written it itself.

const PAUSE = 400;
const watched = new WeakSet();

async function refresh(part) {
  const response = await fetch(`/evaluations/${part.dataset.live}/live?view=${part.dataset.view ?? "card"}`);
  if (response.ok) part.innerHTML = await response.text();
}

// What belongs to another status stands elsewhere on the page too, so all of its content comes anew.
async function renew() {
  const response = await fetch(location.href);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const content = page.getElementById("content");
  if (!content) return;
  const place = document.activeElement?.id;
  document.getElementById("content").replaceWith(content);
  if (place) document.getElementById(place)?.focus();
  watchAll();
  document.dispatchEvent(new Event("renewed"));
}

function watch(part) {
  watched.add(part);
  const events = new EventSource(`/api/v1/evaluations/${part.dataset.live}/events`);
  let waiting = false;
  events.addEventListener("progress", (event) => {
    if (!part.isConnected) return events.close();
    const { status } = JSON.parse(event.data);
    if (part.dataset.status && status !== part.dataset.status) {
      events.close();
      return renew();
    }
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      refresh(part);
    }, PAUSE);
  });
  events.addEventListener("end", () => {
    events.close();
    renew();
  });
}

function watchAll() {
  for (const part of document.querySelectorAll("[data-live]")) if (!watched.has(part)) watch(part);
}

watchAll();
