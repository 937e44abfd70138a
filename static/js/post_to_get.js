// This page answers a form. Back and reload ask for it as a page, and the browser does not offer to send the form again.

history.replaceState(null, "", location.href);
