// Keys of a device (WebAuthn). Where the browser has none, the forms stay hidden and every other way in works.
"use strict";
(() => {
  if (!window.PublicKeyCredential) return;
  // WebAuthn's JSON form by hand: browsers before 2024 do not write it themselves.
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const keys = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const make = async (which, options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: keys(options.allowCredentials),
      excludeCredentials: keys(options.excludeCredentials),
    };
    if (options.user) publicKey.user = { ...options.user, id: bytes(options.user.id) };
    const made = await navigator.credentials[which]({ publicKey });
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[part]) response[part] = text(made.response[part]);
    }
    return { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} };
  };

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const wrong = form.querySelector("[role=alert]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      wrong.hidden = true;
      try {
        const asked = await fetch(form.dataset.options, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-CSRFToken": form.csrfmiddlewaretoken.value },
          body: "{}",
        });
        if (!asked.ok) throw new Error(asked.status);
        const { challenge, options } = await asked.json();
        form.credential.value = JSON.stringify(await make(form.dataset.passkey, options.publicKey));
        form.challenge.value = challenge;
        form.submit();
      } catch {
        wrong.hidden = false;
      }
    });
  });
})();
