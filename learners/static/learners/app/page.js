// What every page of a learner's does for her phone: it registers the service worker, opens her sealed things when she
// is signed in, says how much waits to be sent, and sends it. Everything else works without this file.
"use strict";
(() => {
  const { owner, shell } = document.currentScript.dataset;
  const { keeping, outbox } = jisr;

  const worker = async () => {
    const registration = await navigator.serviceWorker.register("/sw.js");
    const kept = await jisr.get("settings", "shell");
    await navigator.serviceWorker.ready;
    if (kept !== shell) registration.active.postMessage({ shell });
  };

  const count = async () => {
    const notice = document.getElementById("waiting");
    const line = notice?.querySelector("p");
    if (!line) return;
    const number = (await outbox.waiting()).length;
    const forms = line.dataset;
    const form = new Intl.PluralRules(document.documentElement.lang).select(number);
    line.textContent = (forms[form] ?? forms.other).replace("{n}", number);
    notice.hidden = number === 0;
  };

  const arrive = async () => {
    if (!owner) return;
    const here = await jisr.now();
    if (here?.owner !== owner) await jisr.enter();
    await count();
    const before = (await outbox.waiting()).length;
    await outbox.keepSending();
    if (before && !(await outbox.waiting()).length) await keeping.refresh();
  };

  outbox.heard.addEventListener("message", count);
  addEventListener("online", () => arrive().catch(() => {}));
  if (navigator.serviceWorker) worker().catch(() => {});
  arrive().catch(() => {});
})();
