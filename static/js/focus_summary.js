// After a refused form, focus goes to the summary above the heading, and from its links to the field they name.

const summary = document.getElementById("error-summary");

const CONTROL = "input:not([type=hidden]), select, textarea, button:not([hidden])";

function focusField(event) {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) {
    return;
  }
  // The id of a group of radio buttons, and of what has no field, is on the box around them.
  const control = target.matches(CONTROL) ? target : target.querySelector(CONTROL);
  if (control) {
    event.preventDefault();
    // The label and the error stand above the control and have to be seen with it.
    const field = control.closest(".field");
    field?.scrollIntoView();
    control.focus({ preventScroll: field !== null });
  }
}

if (summary) {
  summary.addEventListener("click", focusField);
  summary.focus();
}
