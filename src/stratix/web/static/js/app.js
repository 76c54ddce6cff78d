// What every page has: keys, and rows that can be walked through.

import "./forms.js";
import "./live.js";
import "./poll.js";

const editable = "input, select, textarea, [contenteditable]";

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  all.forEach((row) => row.setAttribute("aria-selected", String(row === next)));
  next.querySelector("a")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function follow(selector) {
  document.querySelector(selector)?.click();
}

// A wide table that has the focus is moved by the arrows itself.
function isWide(part) {
  return part !== document.body && part.scrollWidth > part.clientWidth && getComputedStyle(part).overflowX === "auto";
}

const actions = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  ArrowLeft: () => follow("a[rel=prev]"),
  ArrowRight: () => follow("a[rel=next]"),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(editable)) return;
  if (document.querySelector("dialog[open]")) return;
  const action = actions[event.key];
  if (!action || (event.key.startsWith("Arrow") && isWide(event.target))) return;
  event.preventDefault();
  action();
});
