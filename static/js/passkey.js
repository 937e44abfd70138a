// Signing in with a passkey (Web Authentication, Level 3, sections 5.1.4 to 5.1.10). The options and the answer travel in
// the JSON form that Cognito speaks and are passed on unchanged.

const box = document.querySelector("[data-passkey]");
const form = box.querySelector("form[data-passkey-form]");
const button = box.querySelector("button[data-passkey-start]");
const status = box.querySelector("[data-text-waiting]");
const spinner = box.querySelector("[data-passkey-spinner]");
const other = document.querySelector("[data-passkey-other]");

/** Say one of the sentences that the page carries as data-text-<name>. */
function say(name) {
  status.textContent = name ? (status.getAttribute(`data-text-${name}`) ?? "") : "";
  if (spinner) {
    spinner.hidden = name !== "waiting";
  }
}

const isSupported =
  typeof PublicKeyCredential === "function" && typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";

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
      if (!spinner) {
        say("");
      }
      form.requestSubmit();
    }
  } catch (error) {
    say(SENTENCES[error.name] ?? "failed");
    button.hidden = false;
  } finally {
    busy = false;
  }
}

for (const note of box.querySelectorAll("[data-passkey-note]")) {
  note.hidden = true;
}
if (isSupported) {
  button.addEventListener("click", start);
  // A prompt that opens by itself leaves "Try again" for when it has failed, and the other way in second place.
  if ("starts" in box.dataset) {
    other?.classList.remove("button--primary");
    start();
  } else {
    button.hidden = false;
  }
} else {
  say("unsupported");
}
