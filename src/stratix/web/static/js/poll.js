// Shows how something goes on that takes a few seconds, until the server says that it is over.

const PAUSE = 700;

async function follow(part) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    let response;
    try {
      response = await fetch(part.dataset.poll);
    } catch {
      continue; // The server may be starting again.
    }
    if (!response.ok) {
      part.textContent = "The server does not tell how far it is. Load the page again.";
      return;
    }
    part.innerHTML = await response.text();
    if (part.querySelector("[data-over]")) break;
  }
  if ("reload" in part.dataset) location.reload();
}

document.querySelectorAll("[data-poll]").forEach(follow);
