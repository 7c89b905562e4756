// How fast films and sounds go; what she chose stays on this phone.
"use strict";
(() => {
  const { get, put } = jisr;
  let rate = 1;

  const apply = () => {
    const players = document.querySelectorAll("main video, main audio");
    players.forEach((player) => Object.assign(player, { defaultPlaybackRate: rate, playbackRate: rate }));
    document.querySelectorAll(".speeds").forEach((group) => { group.hidden = players.length === 0; });
    document.querySelectorAll("[data-speed]").forEach((button) => {
      button.setAttribute("aria-pressed", Number(button.dataset.speed) === rate);
    });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-speed]");
    if (!button) return;
    rate = Number(button.dataset.speed);
    put("settings", rate, "speed").catch(() => {});
    apply();
  });
  // It does not bubble: caught on its way down, also from a player that comes later.
  document.addEventListener("loadedmetadata", apply, true);
  get("settings", "speed").then((kept) => { rate = kept ?? 1; }).catch(() => {}).finally(apply);
})();
