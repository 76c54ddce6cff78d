// Forms that answer while one chooses; without scripts the same forms are sent and the page comes anew.

const PAUSE = 250;
const SILENT = "The server did not answer. Change something to ask again.";

document.documentElement.classList.add("scripted");

// What the form says is shown by the server in a part of the page, and stays in the address. Where nothing
// hands out the part alone, it is taken out of the page itself.
function refreshing(form) {
  const target = document.getElementById(form.dataset.target);
  const action = form.getAttribute("action") ?? location.pathname;
  let timer, latest = 0;

  async function part(said) {
    const response = await fetch(`${form.dataset.refresh ?? action}?${said}`);
    if (!response.ok) return undefined;
    const text = await response.text();
    if (form.dataset.refresh) return text;
    return new DOMParser().parseFromString(text, "text/html").getElementById(target.id)?.innerHTML;
  }

  async function refresh() {
    const said = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    history.replaceState(null, "", `${action}?${said}`);
    const mine = ++latest;
    let shown;
    try {
      shown = await part(said);
    } catch {
      // The server may be starting again.
    }
    if (mine !== latest) return; // Something else was chosen meanwhile.
    if (shown === undefined) target.textContent = SILENT;
    else target.innerHTML = shown;
    target.removeAttribute("aria-busy");
  }

  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-filter-text], [data-filter-by]")) return; // They choose nothing.
    // What stands there is about an earlier choice, so nothing may be started from it any more.
    target.setAttribute("aria-busy", "true");
    target.querySelectorAll("button").forEach((button) => (button.disabled = true));
    clearTimeout(timer);
    timer = setTimeout(refresh, Number(form.dataset.pause ?? PAUSE));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    refresh();
  });
  // Whoever chose something before this script was there, or came back to what they had typed, is answered too.
  if ([...form.elements].some(isChanged)) form.dispatchEvent(new Event("input"));
}

function isChanged(field) {
  if (field.options) {
    const options = [...field.options];
    const first = field.multiple || options.some((option) => option.defaultSelected) ? null : options[0];
    return options.some((option) => option.selected !== (option.defaultSelected || option === first));
  }
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return "defaultValue" in field && field.value !== field.defaultValue;
}

function picking(picker) {
  const text = picker.querySelector("[data-filter-text]");
  const selects = [...picker.querySelectorAll("[data-filter-by]")];
  const rows = [...picker.querySelectorAll(".pick")];
  const none = picker.querySelector("[data-none]");
  const count = picker.querySelector("[data-chosen-count]");

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      const said = row.dataset.text.toLowerCase();
      const fits =
        row.querySelector("input").checked ||
        (words.every((word) => said.includes(word)) &&
          selects.every(
            (select) => !select.value || row.dataset[select.dataset.filterBy].split("|").includes(select.value),
          ));
      row.hidden = !fits;
      shown += fits;
    }
    none.hidden = shown > 0;
    count.textContent = `${rows.filter((row) => row.querySelector("input").checked).length} chosen`;
  }

  picker.addEventListener("input", filter);
  filter();
}

document.querySelectorAll("form[data-target]").forEach(refreshing);
document.querySelectorAll("[data-picker]").forEach(picking);
