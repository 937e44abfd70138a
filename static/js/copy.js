// A Copy button beside each text that has to reach another program.

const SHOWN = 3000; // milliseconds that it says so

function offer(box) {
  const source = box.querySelector("code");
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");

  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet";
  const drawing = box.querySelector("template");
  if (drawing) {
    button.append(drawing.content.cloneNode(true));
  }
  const label = document.createElement("span");
  const words = box.dataset.copy;
  label.textContent = words;
  button.append(label);

  let shown;
  button.addEventListener("click", async () => {
    clearTimeout(shown);
    try {
      // The groups of four are for the eye only.
      await navigator.clipboard.writeText(source.textContent.replace(/\s+/g, ""));
      label.textContent = status.textContent = box.dataset.copied;
      status.className = "visually-hidden";
    } catch {
      getSelection().selectAllChildren(source);
      status.textContent = box.dataset.selected;
      status.className = "note";
    }
    shown = setTimeout(() => {
      label.textContent = words;
      status.textContent = "";
    }, SHOWN);
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
