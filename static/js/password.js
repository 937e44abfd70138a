// An eye in each password field, and for a new one the rules, followed while it is typed. The server decides.

const STATUS_DELAY_MS = 300;

// The classes of characters are Cognito's own; a space counts as a symbol, though not at either end.
const RULES = {
  minimum_length: (password, least) => [...password].length >= least,
  require_lowercase: (password) => /[a-z]/.test(password),
  require_uppercase: (password) => /[A-Z]/.test(password),
  require_numbers: (password) => /[0-9]/.test(password),
  require_symbols: (password) => /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|[^ ] +[^ ]/.test(password),
};

function addEye(box) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-controls", input.id);
  button.append(box.querySelector("template").content.cloneNode(true));
  const [open, shut] = button.querySelectorAll("svg");

  function show(visible) {
    input.type = visible ? "text" : "password";
    open.toggleAttribute("hidden", visible);
    shut.toggleAttribute("hidden", !visible);
    button.setAttribute("aria-label", visible ? box.dataset.hideLabel : box.dataset.showLabel);
  }

  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers offer to keep a password only when it is typed as one, and must not keep it as plain text.
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  box.append(button);
}

function followRules(input, list, status) {
  let pending;
  input.addEventListener("input", () => {
    let met = 0;
    for (const item of list.children) {
      const ok = RULES[item.dataset.rule](input.value, Number(item.dataset.least));
      item.toggleAttribute("data-state", ok);
      if (ok) {
        item.dataset.state = "met";
      }
      met += Number(ok);
    }
    clearTimeout(pending);
    pending = setTimeout(() => {
      status.textContent = status.dataset.text.replace("{met}", met).replace("{all}", list.children.length);
    }, STATUS_DELAY_MS);
  });
}

for (const box of document.querySelectorAll(".password")) {
  addEye(box);
  const list = box.parentElement.querySelector("ul.checklist");
  if (list) {
    followRules(box.querySelector("input"), list, list.nextElementSibling);
  }
}
