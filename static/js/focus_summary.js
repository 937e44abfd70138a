// After a refused form, focus goes to the summary above the heading, and from its links to the field they name.

const summary = document.getElementById("error-summary");

function focusField(event) {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) {
    return;
  }
  // The id of a group of radio buttons is on the box around them.
  const control = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
  if (control) {
    event.preventDefault();
    // The label and the error stand above the control and have to be seen with it.
    control.closest(".field")?.scrollIntoView();
    control.focus({ preventScroll: true });
  }
}

if (summary) {
  summary.addEventListener("click", focusField);
  summary.focus();
}
