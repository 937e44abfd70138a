// The field of the row that is being changed has the focus, unless something was refused: then the summary has it.

const field = document.querySelector("[data-edited] input:not([type=hidden])");

// Not before the page has loaded: going to the row takes the focus away.
// https://html.spec.whatwg.org/multipage/browsing-the-web.html#scrolling-to-a-fragment
addEventListener("load", () => {
  if (field && !document.getElementById("error-summary")) {
    field.focus();
  }
});
