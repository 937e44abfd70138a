// One button opens the picker, what is chosen is sent at once, and the page shows how far it is. Without this the form
// has a picker and a button of its own.

const panel = document.querySelector("[data-upload]");

if (panel) {
  const form = panel.querySelector("form");
  const picker = form.querySelector("input[type=file]");
  const status = document.querySelector("[data-upload-status]");
  const failure = document.querySelector("[data-upload-failed]");
  const words = failure.querySelector("p");
  const { most, together, tooLarge, mostText, tooMuch } = failure.dataset;
  const unfinished = [...words.childNodes];
  const progress = document.createElement("progress");
  progress.setAttribute("aria-label", status.dataset.label);
  let sending = false;

  const say = (...text) => {
    sending = false;
    picker.value = "";
    status.replaceChildren();
    words.replaceChildren(...text);
    failure.hidden = false;
  };
  const failed = () => say(...unfinished);

  // What is wrong with so much that nothing of it would be taken, "" for nothing.
  const refusal = (files) => {
    const large = files.filter((file) => file.size > most);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size <= together && large.length < files.length) {
      return "";
    }
    return large.length ? tooLarge.replace("{name}", () => large[0].name).replace("{most}", mostText) : tooMuch;
  };

  const send = () => {
    const chosen = picker.files.length;
    if (sending || chosen === 0) {
      return;
    }
    const wrong = refusal([...picker.files]);
    if (wrong) {
      say(wrong);
      return;
    }
    sending = true;
    failure.hidden = true;
    status.replaceChildren(chosen === 1 ? status.dataset.one : status.dataset.several.replace("{n}", chosen), progress);
    progress.value = 0;
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
    request.send(new FormData(form));
  };

  panel.hidden = true;
  picker.addEventListener("change", send);
  for (const button of document.querySelectorAll("[data-upload-opens]")) {
    button.hidden = false;
    button.addEventListener("click", () => picker.click());
  }
}
