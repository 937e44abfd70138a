// Asks the browser to forget a removed passkey: https://www.w3.org/TR/webauthn-3/#sctn-signalUnknownCredential

const { removedPasskey, relyingParty } = document.querySelector("[data-removed-passkey]").dataset;

if (window.PublicKeyCredential?.signalUnknownCredential) {
  // Whatever comes of it, the passkey is of no use any more.
  PublicKeyCredential.signalUnknownCredential({ rpId: relyingParty, credentialId: removedPasskey }).catch(() => {});
}
