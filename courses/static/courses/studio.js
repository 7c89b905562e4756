// Keeps a lesson while it is being written, and shows what is kept. Without this file the button does the same.
"use strict";
(() => {
  const PAUSE = 1_500;
  const AGAIN = 5_000;
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const line = form.querySelector("[data-saved]");
  let timer;
  let keeping = false;
  let dirty = false;

  const say = (stage) => { line.textContent = form.dataset[stage]; };
  const shown = (page) => {
    form.version.value = page.querySelector("[name=version]").value;
    const fresh = page.querySelectorAll(".phone-frame");
    form.querySelectorAll(".phone-frame").forEach((frame, place) => frame.replaceChildren(...fresh[place].childNodes));
  };

  const keep = async () => {
    if (keeping) return;
    keeping = true;
    dirty = false;
    say("keeping");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (answer.ok) {
        shown(new DOMParser().parseFromString(await answer.text(), "text/html"));
        say(dirty ? "keeping" : "kept");
      } else {
        say("other"); // two wrote it, or it cannot be kept so: the page says it best
        return;
      }
    } catch {
      say("away");
      dirty = true;
      timer = setTimeout(keep, AGAIN);
      return;
    } finally {
      keeping = false;
    }
    if (dirty) keep();
  };

  const later = (event) => {
    if (event.target.type === "file") return;
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => { clearTimeout(timer); dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty || keeping) event.preventDefault(); });
})();
