// Passkeys: the one thing on this site that needs JavaScript (Web Authentication, Level 3, sections 5.1.3 to 5.1.10).
// The options and the answer travel in the JSON form that Cognito speaks and are passed on unchanged.

const box = document.querySelector("[data-passkey]");
const form = box.querySelector("form[data-passkey-form]");
const button = box.querySelector("button[data-passkey-start]");
const status = box.querySelector("[role=status]");
const spinner = box.querySelector("[data-passkey-spinner]");
const other = document.querySelector("[data-passkey-other]");

/** Say one of the sentences that the page carries as data-text-<name>. */
function say(name) {
  status.textContent = name ? (status.getAttribute(`data-text-${name}`) ?? "") : "";
  if (spinner) {
    spinner.hidden = name !== "waiting";
  }
}

function supported() {
  return (
    typeof PublicKeyCredential === "function" &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function" &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function"
  );
}

/** Ask the site for creation options; undefined when it sends the person somewhere else first. */
async function creationOptions() {
  const answer = await fetch(box.dataset.options, {
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

function requestOptions() {
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  return PublicKeyCredential.parseRequestOptionsFromJSON(options);
}

async function ceremony() {
  if (box.dataset.passkey === "get") {
    return navigator.credentials.get({ publicKey: requestOptions() });
  }
  const publicKey = await creationOptions();
  return publicKey && navigator.credentials.create({ publicKey });
}

const SENTENCES = {
  NotAllowedError: "cancelled",
  AbortError: "cancelled",
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
    const credential = await ceremony();
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
if (supported()) {
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
