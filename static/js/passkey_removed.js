// Asks the browser to forget a passkey that the site no longer takes, where the browser has a way to be asked.
// https://www.w3.org/TR/webauthn-3/#sctn-signalUnknownCredential

const { removedPasskey, relyingParty } = document.querySelector("[data-removed-passkey]").dataset;

if (typeof PublicKeyCredential === "function" && PublicKeyCredential.signalUnknownCredential) {
  // It is a favour: whatever comes of it, the passkey is of no use any more.
  PublicKeyCredential.signalUnknownCredential({ rpId: relyingParty, credentialId: removedPasskey }).catch(() => {});
}
