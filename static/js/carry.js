// The email typed on one page is filled in on the next one that asks for it, in this tab. Signing out forgets it: the
// site then has the browser drop its storage (Clear-Site-Data).

const KEY = "email";
const fields = document.querySelectorAll("main input[type=email]");

/** Storage may be switched off: then nothing is carried. */
function stored(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
}

function keep(email) {
  stored((storage) => (email ? storage.setItem(KEY, email) : storage.removeItem(KEY)));
}

for (const field of fields) {
  if (field.value) {
    keep(field.value);
  } else {
    field.value = stored((storage) => storage.getItem(KEY)) ?? "";
  }
  field.addEventListener("input", () => keep(field.value));
  field.addEventListener("change", () => keep(field.value));
}

// Somebody else begins: "Not you?".
for (const link of document.querySelectorAll("a[data-forget]")) {
  link.addEventListener("click", () => keep(""));
}
