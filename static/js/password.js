// A Show button for each password, and a live checklist for a new one. It only ever encourages: the server decides.

const STATUS_DELAY_MS = 700;

// The classes of characters are Cognito's own; a space counts as a symbol, though not at either end.
const RULES = {
  minimum_length: (password, length) => [...password].length >= length,
  require_lowercase: (password) => /[a-z]/.test(password),
  require_uppercase: (password) => /[A-Z]/.test(password),
  require_numbers: (password) => /[0-9]/.test(password),
  require_symbols: (password) => /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|[^ ] +[^ ]/.test(password),
};

function addShowButton(box) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-controls", input.id);

  function show(visible) {
    input.type = visible ? "text" : "password";
    button.textContent = visible ? box.dataset.hide : box.dataset.show;
    button.setAttribute("aria-label", visible ? box.dataset.hideLabel : box.dataset.showLabel);
  }

  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers offer to keep a password only when it is typed as one, and must not keep it as plain text.
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  box.append(button);
}

function addChecklist(box, template) {
  const input = box.querySelector("input[data-password-policy]");
  const policy = JSON.parse(input.dataset.passwordPolicy);
  const content = template.content.cloneNode(true);
  const list = content.querySelector("ul");
  const status = content.querySelector("[role=status]");
  const items = [...list.children].filter((item) => policy[item.dataset.rule]);

  for (const item of items) {
    item.textContent = item.textContent.replace("{n}", policy[item.dataset.rule]);
  }
  list.replaceChildren(...items);

  let pending;
  function update() {
    let met = 0;
    for (const item of items) {
      const rule = item.dataset.rule;
      const ok = RULES[rule](input.value, policy[rule]);
      item.toggleAttribute("data-met", ok);
      met += Number(ok);
    }
    clearTimeout(pending);
    pending = setTimeout(() => {
      status.textContent = status.dataset.text.replace("{met}", met).replace("{all}", items.length);
    }, STATUS_DELAY_MS);
  }

  input.addEventListener("input", update);
  box.after(content);
}

for (const box of document.querySelectorAll(".password")) {
  addShowButton(box);
  const template = box.parentElement.querySelector("template.password-checklist");
  if (template) {
    addChecklist(box, template);
  }
}
