// A Copy button beside each text that has to reach another program.

for (const box of document.querySelectorAll("[data-copy]")) {
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

  box.append(button, status);
}
