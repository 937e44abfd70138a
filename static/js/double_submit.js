// A double click sends a form once: the second request would find its one-time code used up by the first.
// The button is never disabled, and the form opens again by itself when no answer comes or the page is left with Stop.

const REOPENS_AFTER_MS = 10_000;
const submittedAt = new WeakMap();

document.addEventListener("submit", (event) => {
  const last = submittedAt.get(event.target);
  if (last !== undefined && performance.now() - last < REOPENS_AFTER_MS) {
    event.preventDefault();
    return;
  }
  if (!event.defaultPrevented) {
    submittedAt.set(event.target, performance.now());
  }
});

window.addEventListener("pageshow", (event) => {
  // A page taken back from the browser's memory still holds its marks.
  if (event.persisted) {
    for (const form of document.forms) {
      submittedAt.delete(form);
    }
  }
});
