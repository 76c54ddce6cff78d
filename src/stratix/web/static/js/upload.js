// Sends files to addresses that the server hands out, and shows how much of them is there.

const form = document.querySelector("form[data-upload]");
if (form) watch(form);

function watch(form) {
  const problem = form.querySelector("[data-problem]");
  const progress = form.querySelector("[data-progress]");
  const input = form.querySelector("input[type=file]");

  function complain(message) {
    problem.textContent = message;
    problem.hidden = false;
    progress.hidden = true;
    form.querySelector("button").disabled = false;
  }

  function send(file, address, before, all) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (event) => {
        progress.querySelector("progress").value = ((before + event.loaded) / all) * 100;
      });
      request.addEventListener("load", () => {
        if (request.status < 300) return resolve();
        try {
          reject(new Error(JSON.parse(request.responseText).error.message));
        } catch {
          reject(new Error(`The server answered with ${request.status}.`));
        }
      });
      request.addEventListener("error", () => reject(new Error("The connection broke: send it again.")));
      request.open("PUT", address);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.send(file);
    });
  }

  async function open(file) {
    const response = await fetch(form.dataset.upload, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": form.elements.csrf.value },
      body: JSON.stringify({ filename: file.name, size: file.size }),
    });
    const told = await response.json();
    if (!response.ok) throw new Error(told.message);
    return told;
  }

  // What is done with the files is begun by the form itself, which names them by their keys.
  function begin(keys) {
    for (const key of keys) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "key", value: key });
      form.append(field);
    }
    input.disabled = true;
    form.submit();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...input.files];
    if (!files.length) return;
    problem.hidden = true;
    progress.hidden = false;
    form.querySelector("button").disabled = true;
    const all = files.reduce((size, file) => size + file.size, 0);
    const keys = [];
    let before = 0;
    let told;
    try {
      for (const file of files) {
        told = await open(file);
        await send(file, told.address, before, all);
        before += file.size;
        keys.push(told.key);
      }
    } catch (error) {
      return complain(error.message);
    }
    if ("begin" in form.dataset) begin(keys);
    else location.assign(told.following);
  });
}
