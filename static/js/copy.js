// A Copy button beside each text that has to reach another program.

function offer(box) {
  const source = box.querySelector("code");
  const status = document.createElement("span");
  status.className = "copy__status note";
  status.setAttribute("role", "status");

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = box.dataset.copy;
  button.addEventListener("click", async () => {
    try {
      // The groups of four are for the eye only.
      await navigator.clipboard.writeText(source.textContent.replace(/\s+/g, ""));
      status.textContent = box.dataset.copied;
    } catch {
      getSelection().selectAllChildren(source);
      status.textContent = box.dataset.selected;
    }
  });

  delete box.dataset.copy;
  box.append(button, status);
}

function offerAll() {
  document.querySelectorAll("[data-copy]").forEach(offer);
}

offerAll();
// Whoever adds to a page says so.
document.addEventListener("copyable", offerAll);
