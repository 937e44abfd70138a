// Signing in with a passkey, which needs JavaScript (Web Authentication, Level 3, sections 5.1.4 to 5.1.10).
// The options and the answer travel in the JSON form that Cognito speaks and are passed on unchanged.

const box = document.querySelector("[data-passkey]");
const form = box.querySelector("form[data-passkey-form]");
const button = box.querySelector("button[data-passkey-start]");
const status = box.querySelector("[role=status]");

/** Say one of the sentences that the page carries as data-text-<name>. */
function say(name) {
  status.textContent = name ? status.getAttribute(`data-text-${name}`) : "";
}

function supported() {
  return (
    typeof PublicKeyCredential === "function" &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function"
  );
}

function requestOptions() {
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  return PublicKeyCredential.parseRequestOptionsFromJSON(options);
}

const SENTENCES = {
  NotAllowedError: "cancelled",
  AbortError: "cancelled",
  SecurityError: "address",
  NotSupportedError: "unsupported",
};

let busy = false;

async function start() {
  if (busy) {
    return;
  }
  busy = true;
  say("waiting");
  try {
    const credential = await navigator.credentials.get({ publicKey: requestOptions() });
    if (credential) {
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      say("");
      form.requestSubmit();
    }
  } catch (error) {
    say(SENTENCES[error.name] ?? "failed");
  } finally {
    busy = false;
  }
}

for (const note of box.querySelectorAll("[data-passkey-note]")) {
  note.hidden = true;
}
if (supported()) {
  button.hidden = false;
  button.addEventListener("click", start);
} else {
  say("unsupported");
}
