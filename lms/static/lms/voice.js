// Records a voice note into the form it stands in, one minute at most. Without this file, or where the browser may not
// record, the phone's own recorder does it.
"use strict";
(() => {
  const LONGEST = 60_000;
  const SPEECH = { audioBitsPerSecond: 24_000 };
  if (!navigator.mediaDevices?.getUserMedia || !self.MediaRecorder || !self.DataTransfer) return;
  document.documentElement.classList.add("records");
  let stop;

  const parts = (root) => {
    const find = (selector) => root.querySelector(selector);
    return { input: find("input"), record: find("[data-record]"), halt: find("[data-stop]"), again: find("[data-again]"), heard: find("audio") };
  };
  const show = ({ record, halt, again, heard }, stage) => {
    record.hidden = stage !== "empty";
    halt.hidden = stage !== "recording";
    again.hidden = heard.hidden = stage !== "recorded";
  };

  const keep = (part, pieces, type) => {
    const name = `voice.${type.includes("mp4") ? "m4a" : "webm"}`;
    const carried = new DataTransfer();
    carried.items.add(new File(pieces, name, { type }));
    part.input.files = carried.files;
    part.heard.src = URL.createObjectURL(carried.files[0]);
    show(part, "recorded");
    part.heard.focus();
  };

  const record = async (part) => {
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    const recorder = new MediaRecorder(sound, SPEECH);
    const pieces = [];
    const until = Date.now() + LONGEST;
    const timer = part.halt.querySelector("[role=timer]");
    const tick = setInterval(() => {
      timer.textContent = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      if (Date.now() >= until) stop();
    }, 250);
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    recorder.addEventListener("stop", () => {
      clearInterval(tick);
      sound.getTracks().forEach((track) => track.stop());
      keep(part, pieces, recorder.mimeType.replace(/;.*/, ""));
    });
    stop = () => { if (recorder.state !== "inactive") recorder.stop(); };
    recorder.start();
    show(part, "recording");
    part.halt.focus();
  };

  const forget = (part) => {
    URL.revokeObjectURL(part.heard.src);
    part.heard.removeAttribute("src");
    part.input.value = "";
    show(part, "empty");
    part.record.focus();
  };

  document.addEventListener("click", (event) => {
    const root = event.target.closest(".recorder");
    const button = event.target.closest("button");
    if (!root || !button) return;
    const part = parts(root);
    if (button === part.record) record(part).catch(() => document.documentElement.classList.remove("records"));
    else if (button === part.halt) stop();
    else if (button === part.again) forget(part);
  });
})();
