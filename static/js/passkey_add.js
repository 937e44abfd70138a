// Adding a passkey (Web Authentication, Level 3, section 5.1.3). The options and the answer travel in the JSON form that
// Cognito speaks and are passed on unchanged.

const box = document.querySelector("[data-passkey-add]");
const form = box.querySelector("form");
const button = form.querySelector("button");
const status = box.querySelector("[data-text-waiting]");
const note = box.querySelector("[data-passkey-note]");

/** Say one of the sentences that the page carries as data-text-<name>. */
function say(name) {
  status.textContent = name ? status.getAttribute(`data-text-${name}`) : "";
}

const isSupported =
  typeof PublicKeyCredential === "function" &&
  typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function";

/** Ask the site for options; undefined when it sends the person somewhere else first. */
async function creationOptions() {
  const answer = await fetch(box.dataset.passkeyAdd, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
  });
  if (answer.redirected) {
    location.assign(answer.url);
    return undefined;
  }
  if (!answer.ok) {
    throw new DOMException("The site gave no options.", "NetworkError");
  }
  return PublicKeyCredential.parseCreationOptionsFromJSON(await answer.json());
}

const SENTENCES = {
  NotAllowedError: "canceled",
  AbortError: "canceled",
  InvalidStateError: "exists",
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
    const publicKey = await creationOptions();
    const credential = publicKey && (await navigator.credentials.create({ publicKey }));
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

note.hidden = true;
if (isSupported) {
  button.hidden = false;
  button.addEventListener("click", start);
  if ("starts" in box.dataset) {
    start();
  }
} else {
  say("unsupported");
}
