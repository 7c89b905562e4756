// A film or sound goes on where she left it, on this phone or another: the second is kept like everything she does.
"use strict";
(() => {
  const EVERY = 30; // seconds of listening between two notes
  const { enrolment, lesson } = document.currentScript.dataset;
  const { outbox } = jisr;
  const player = document.querySelector("main video, main audio");
  if (!player) return;
  let noted = Number(player.dataset.position);

  const note = async () => {
    const position = Math.floor(player.currentTime);
    if (position === noted) return;
    noted = position;
    const body = { enrolment, lesson, verb: "progressed", position, occurred_at: new Date().toISOString() };
    await outbox.add(crypto.randomUUID(), { kind: "event", body });
    await outbox.keepSending();
  };

  player.addEventListener(
    "loadedmetadata",
    () => {
      if (noted < player.duration - 2) player.currentTime = noted;
    },
    { once: true },
  );
  player.addEventListener("pause", () => note().catch(() => {}));
  player.addEventListener("timeupdate", () => {
    if (Math.abs(player.currentTime - noted) >= EVERY) note().catch(() => {});
  });
})();
