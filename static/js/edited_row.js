// The field of the row that is being changed has the focus, unless something was refused: then the summary has it.

const field = document.querySelector("[data-edited] input:not([type=hidden])");

if (field && !document.getElementById("error-summary")) {
  field.focus();
}
