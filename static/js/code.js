// Codes as they are pasted lose what stands between their digits, and the button for another code counts down.

for (const input of document.querySelectorAll("input.code")) {
  input.addEventListener("input", () => {
    const digits = input.value.replace(/[\s\u2010-\u2015\u2212-]/g, "");
    if (digits !== input.value) {
      input.value = digits;
    }
  });
}

for (const button of document.querySelectorAll("button[data-wait]")) {
  const label = button.querySelector("[data-label]");
  const status = button.form.querySelector("[role=status]");
  const ready = label.textContent;
  const ends = performance.now() + Number(button.dataset.wait) * 1000;

  const block = (event) => event.preventDefault();
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left > 0) {
      const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      label.textContent = button.dataset.waiting.replace("{clock}", clock);
      setTimeout(tick, 1000 - (performance.now() % 1000));
      return;
    }
    label.textContent = ready;
    button.removeAttribute("aria-disabled");
    button.removeEventListener("click", block);
    status.textContent = status.dataset.ready;
  };

  button.setAttribute("aria-disabled", "true");
  button.addEventListener("click", block);
  tick();
}
