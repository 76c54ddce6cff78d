// Turns pictures of charts into charts that say more where one points; without it the pictures stay.

const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 40rem)"); // as in the template of a picture

function themeOf(figure) {
  const named = figure.dataset.themeOf;
  return named === "system" ? (dark.matches ? "dark" : "light") : named;
}

async function show(figure) {
  const response = await fetch(`${figure.dataset.chart}&theme=${themeOf(figure)}&narrow=${narrow.matches}`);
  if (!response.ok) return;
  const spec = await response.json();
  await import("/charts/script.js");
  const place = document.createElement("div");
  await window.vegaEmbed(place, spec, {
    ast: true, // Expressions are read, not run: the content policy allows no code but our own.
    actions: false,
    defaultStyle: false,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  });
  const picture = figure.querySelector("picture") ?? figure.querySelector("img");
  place.className = "chart-live";
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", figure.querySelector("img").alt);
  picture.replaceWith(place);
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    show(entry.target);
  }
});
function watchAll() {
  document.querySelectorAll("[data-chart]").forEach((figure) => seen.observe(figure));
}
watchAll();
document.addEventListener("renewed", watchAll);
