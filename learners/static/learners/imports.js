// The page says the same when it is loaded again; this loads it again by itself while the list is being worked off.
"use strict";
(() => {
  const EVERY = 2000;
  const look = async () => {
    if (document.hidden) return setTimeout(look, EVERY);
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-running]");
      if (answer.ok && !now) return location.reload();
      if (now) document.querySelector("[data-running]").replaceChildren(...now.childNodes);
    } catch {
      // No network just now: the next look may find it.
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
})();
