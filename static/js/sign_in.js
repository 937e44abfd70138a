// Beside the password: the name that was typed goes along, and a passkey is offered where the browser has them.

const name = document.getElementById("id_username");

for (const form of document.querySelectorAll("form[data-way-in]")) {
  if (form.dataset.wayIn === "passkey" && typeof PublicKeyCredential === "function") {
    form.hidden = false;
    form.parentElement.querySelector(".or").hidden = false;
  }
  form.addEventListener("submit", () => {
    form.elements.username.value = name?.value ?? "";
  });
}

// Whoever signs in where scripts run may be offered a passkey afterwards.
for (const form of new Set([name?.form, ...document.querySelectorAll("form[data-signs-in]")])) {
  if (form) {
    const scripts = document.createElement("input");
    scripts.type = "hidden";
    scripts.name = "scripts";
    scripts.value = "on";
    form.append(scripts);
  }
}
