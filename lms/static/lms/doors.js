// Getting in, faster: everything on these pages works without this file.
"use strict";
(() => {
  // The square of a card says its number behind "#", which no server hears: into the form, and out of the address.
  const card = document.querySelector("form[data-card] [name=card]");
  if (card && location.hash.length > 20) {
    card.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname + location.search);
    card.form.querySelector("[name=pin]").focus();
  }

  // The code of the message, where the browser may read it for our address (WebOTP).
  const code = document.querySelector("[autocomplete=one-time-code]");
  if (code && "OTPCredential" in window) {
    const waiting = new AbortController();
    code.form.addEventListener("submit", () => waiting.abort());
    navigator.credentials
      .get({ otp: { transport: ["sms"] }, signal: waiting.signal })
      .then((read) => {
        if (code.value) return;
        code.value = read.code;
        if (code.form.querySelectorAll("input:not([type=hidden], [type=checkbox])").length === 1) code.form.requestSubmit();
      })
      .catch(() => {}); // she writes it herself
  }
})();
