// This page answers a form. Back and reload ask for it as a page, and the browser does not offer to send the form again.
// Where the form went to an address that is no page, the page says its own.

history.replaceState(null, "", document.body.dataset.page ?? location.href);
