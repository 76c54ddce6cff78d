// Copies what was sent and what came; where a browser hands out no clipboard, there is no button.

function add(part) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-small";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${part.dataset.copy}`);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(part.querySelector("pre").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  part.querySelector("pre").before(button);
}

if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(add);
