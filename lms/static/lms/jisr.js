// Everything works without this file; it makes leaving faster and pressing twice harmless.
"use strict";
(() => {
  const exit = document.querySelector("form.exit");

  // Quick exit: hide first, end the session behind her back, and leave no entry to come back to.
  const leave = () => {
    document.documentElement.hidden = true;
    document.title = "…";
    fetch(exit.action, { method: "POST", keepalive: true, redirect: "manual" });
    location.replace(exit.dataset.neutral);
  };
  if (exit) {
    exit.addEventListener("submit", (event) => {
      event.preventDefault();
      leave();
    });
    let shifts = [];
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Shift") {
        shifts = [];
      } else if (!event.repeat) {
        shifts = shifts.filter((at) => event.timeStamp - at < 1500).concat(event.timeStamp);
        if (shifts.length === 3) leave();
      }
    });
  }

  // A second press of the same button sends nothing.
  const sent = new WeakSet();
  const mark = (form, busy) =>
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", busy));
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (sent.has(form)) return event.preventDefault();
    sent.add(form);
    mark(form, "true");
    setTimeout(() => { sent.delete(form); mark(form, "false"); }, 10000); // a download leaves her on this page
  });

  // Back after leaving or signing out must ask the server, not the browser's memory.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  // One open menu at a time, and a tap elsewhere closes it.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
})();
