// Passkeys: one is used ("get") or made ("create"), as data-passkey says (Web Authentication, Level 3, sections 5.1.3 to
// 5.1.10). Options and answer travel in the JSON form that Cognito speaks and are passed on unchanged.

const box = document.querySelector("[data-passkey]");
const form = box.querySelector("form[data-passkey-form]");
const button = form.querySelector("button[data-passkey-start]");
const status = box.querySelector("[data-text-waiting]");
const spinner = box.querySelector("[data-passkey-spinner]");
const other = document.querySelector("[data-passkey-other]");

/** Return the options that came with the page. */
function optionsOfPage() {
  return JSON.parse(document.getElementById("passkey-options").textContent);
}

/** Ask the site for options; undefined when it sends the person somewhere else first. */
async function optionsOfSite() {
  const answer = await fetch(box.dataset.passkeyOptions, {
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
  return answer.json();
}

const CEREMONIES = {
  get: { options: optionsOfPage, parse: "parseRequestOptionsFromJSON" },
  create: { options: optionsOfSite, parse: "parseCreationOptionsFromJSON" },
};
const ceremony = box.dataset.passkey;
const { options, parse } = CEREMONIES[ceremony];
const isSupported = typeof PublicKeyCredential === "function" && typeof PublicKeyCredential[parse] === "function";

const SENTENCES = {
  NotAllowedError: "canceled",
  AbortError: "canceled",
  InvalidStateError: "exists",
  SecurityError: "address",
  NotSupportedError: "unsupported",
};

/** Say one of the sentences that the page carries as data-text-<name>. */
function say(name) {
  status.textContent = name ? (status.getAttribute(`data-text-${name}`) ?? status.dataset.textFailed) : "";
  if (spinner) {
    spinner.hidden = name !== "waiting";
  }
}

let busy = false;

async function start() {
  if (busy) {
    return;
  }
  busy = true;
  say("waiting");
  try {
    const given = await options();
    const publicKey = given && PublicKeyCredential[parse](given);
    const credential = publicKey && (await navigator.credentials[ceremony]({ publicKey }));
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
  // A prompt that opens by itself leaves the button for when it has failed, and the other way in second place.
  if ("starts" in box.dataset) {
    other?.classList.remove("button--primary");
    start();
  } else {
    button.hidden = false;
  }
} else {
  say("unsupported");
}
