// Files are sent as soon as they are chosen, and the page shows how far they are. Without this the form has a button.

for (const form of document.querySelectorAll("form[data-upload]")) {
  const picker = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const status = form.querySelector("[data-status]");
  const progress = form.querySelector("progress");
  let sending = false;

  const failed = () => {
    sending = false;
    picker.value = "";
    progress.hidden = true;
    status.textContent = status.dataset.failed;
  };

  const send = () => {
    if (sending || picker.files.length === 0) {
      return;
    }
    sending = true;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        progress.value = event.loaded / event.total;
      }
    });
    request.addEventListener("load", () => {
      if (request.status === 200 && request.response?.next) {
        location.assign(request.response.next);
      } else if (request.status === 401) {
        location.reload();
      } else {
        failed();
      }
    });
    request.addEventListener("error", failed);
    progress.value = 0;
    progress.hidden = false;
    status.textContent = status.dataset.sending;
    request.send(new FormData(form));
  };

  button.hidden = true;
  picker.addEventListener("change", send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
}
