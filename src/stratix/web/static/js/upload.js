// Sends a file to the address that the server hands out, and shows how much of it is there.

const form = document.querySelector("form[data-upload]");
const problem = form.querySelector("[data-problem]");
const progress = form.querySelector("[data-progress]");

function complain(message) {
  problem.textContent = message;
  problem.hidden = false;
  progress.hidden = true;
  form.querySelector("button").disabled = false;
}

function send(file, address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      progress.querySelector("progress").value = (event.loaded / event.total) * 100;
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

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = form.querySelector("input[type=file]").files[0];
  if (!file) return;
  problem.hidden = true;
  progress.hidden = false;
  form.querySelector("button").disabled = true;
  try {
    const response = await fetch(form.dataset.upload, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": form.elements.csrf.value },
      body: JSON.stringify({ filename: file.name, size: file.size }),
    });
    const told = await response.json();
    if (!response.ok) return complain(told.message);
    await send(file, told.address);
    location.assign(told.following);
  } catch (error) {
    complain(error.message);
  }
});
