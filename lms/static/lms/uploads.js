// Sends a file in parts straight to the storage. A part that is lost on the way is sent again, with growing pauses; what
// arrived stays there, so that the same file, chosen again after a crash or on another computer, goes on where it stopped.
"use strict";
(() => {
  const MEBIBYTE = 1024 * 1024;
  const AT_ONCE = 4;
  const LONGEST_PAUSE = 30_000;
  const SILENT = 60_000; // a line that carries nothing for so long is taken for dead
  const LOOK_EVERY = 2_000;
  const WINDOW = 15_000; // of the speed that is shown
  const language = document.documentElement.lang === "ar" ? "ar-MA-u-nu-latn" : document.documentElement.lang;
  const hexadecimal = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const sleep = (time) => new Promise((awake) => setTimeout(awake, time));

  class Refused extends Error {
    constructor(status, problem) {
      super(problem.code);
      Object.assign(this, { status, problem });
    }
  }

  const ask = async (form, method, path, body) => {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": form.csrfmiddlewaretoken.value };
    const answer = await fetch(`/api/v1/uploads${path}`, { method, headers, body: body && JSON.stringify(body) });
    const said = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok) throw new Refused(answer.status, said);
    return said;
  };
  // As lms/files/parts.py cuts a file.
  const partSize = (size) => Math.max(5 * MEBIBYTE, Math.ceil(Math.ceil(size / 250) / MEBIBYTE) * MEBIBYTE);
  const piece = (file, number) => file.slice((number - 1) * partSize(file.size), number * partSize(file.size));

  const fingerprint = async (file, seen) => {
    const count = Math.ceil(file.size / partSize(file.size));
    const parts = [];
    for (let number = 1; number <= count; number++) {
      parts.push(await crypto.subtle.digest("SHA-256", await piece(file, number).arrayBuffer()));
      seen(number / count);
    }
    const whole = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
    return { whole: hexadecimal(whole), parts: parts.map(hexadecimal) };
  };

  const put = ({ url, headers }, content, seen, cancelled) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let watch;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => request.abort(), SILENT);
    };
    request.open("PUT", url);
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.addEventListener("progress", ({ loaded }) => { alive(); seen(loaded); });
    request.addEventListener("loadend", () => {
      clearTimeout(watch);
      cancelled.removeEventListener("abort", stop);
      if (request.status === 200) resolve(request.getResponseHeader("ETag"));
      else reject(new Refused(request.status, {}));
    });
    const stop = () => request.abort();
    cancelled.addEventListener("abort", stop);
    alive();
    request.send(content);
  });

  const megabytes = (bytes) => new Intl.NumberFormat(language, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(bytes / 1e6);
  const duration = (seconds) => {
    const [unit, amount] = seconds < 90 ? ["second", seconds] : seconds < 5400 ? ["minute", seconds / 60] : ["hour", seconds / 3600];
    return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 0 }).format(Math.max(1, Math.round(amount)));
  };

  class Sending {
    constructor(root, file) {
      Object.assign(this, { root, file, form: root.closest("form"), stop: new AbortController(), arrived: new Map(), moments: [] });
      this.bar = root.querySelector("progress");
    }

    say(stage, words = {}) {
      const sentence = this.root.dataset[stage].replace(/\{(\w+)\}/g, (_whole, name) => words[name]);
      this.root.dataset.stage = stage;
      const line = this.root.querySelector("[role=status]");
      if (line.textContent !== sentence) line.textContent = sentence;
      this.bar.hidden = !["looking", "sending", "waiting", "checking"].includes(stage);
      this.root.querySelector("[data-cancel]").hidden = !["looking", "sending", "waiting"].includes(stage);
      this.root.querySelector("[data-again]").hidden = stage !== "refused" || !this.id;
    }

    async run() {
      const seen = (share) => { this.bar.value = share; this.say("looking"); };
      this.print = await fingerprint(this.file, seen);
      const { name, size } = this.file;
      const asked = { name: name.slice(0, 200), size, purpose: this.root.dataset.purpose, fingerprint: this.print.whole };
      const told = await this.patiently(() => ask(this.form, "POST", "", asked));
      this.id = told.id;
      if (told.state === "receiving") await this.send(told);
      await this.follow();
    }

    async send(told) {
      const sizes = (number) => piece(this.file, number).size;
      told.received.forEach(({ number, etag }) => this.arrived.set(number, { etag, bytes: sizes(number) }));
      const waiting = told.parts.map(({ number }) => number);
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.work(waiting)));
      const parts = this.print.parts.map((sha256, index) => ({ number: index + 1, sha256, etag: this.arrived.get(index + 1).etag }));
      await this.patiently(() => ask(this.form, "POST", `/${this.id}/complete`, { parts }));
    }

    async work(waiting) {
      for (let number = waiting.shift(); number; number = waiting.shift()) {
        const content = piece(this.file, number);
        const sha256 = this.print.parts[number - 1];
        await this.patiently(async () => {
          const { parts: [address] } = await ask(this.form, "POST", `/${this.id}/parts`, { parts: [{ number, sha256 }] });
          const seen = (bytes) => { this.arrived.set(number, { bytes }); this.show(); };
          const etag = await put(address, content, seen, this.stop.signal);
          this.arrived.set(number, { etag, bytes: content.size });
          this.show();
        });
      }
    }

    // Until it is done or called off. A clear refusal is one; all else is the line, and lines come back.
    async patiently(act) {
      for (let pause = 1_000; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
        if (this.stop.signal.aborted) throw new Refused(0, { code: "cancelled" });
        try {
          return await act();
        } catch (error) {
          if (this.stop.signal.aborted) continue;
          if (error instanceof Refused && error.problem.code && error.status < 500 && error.status !== 429) throw error;
          this.say("waiting");
          await Promise.race([sleep(pause * (0.5 + Math.random())), new Promise((back) => addEventListener("online", back, { once: true }))]);
        }
      }
    }

    show() {
      const done = [...this.arrived.values()].reduce((sum, { bytes }) => sum + bytes, 0);
      const now = performance.now();
      this.moments = [...this.moments.filter(({ at }) => now - at < WINDOW), { at: now, done }];
      const [first] = this.moments;
      const speed = (1000 * (done - first.done)) / Math.max(now - first.at, 1);
      this.bar.value = done / this.file.size;
      const words = { done: megabytes(done), size: megabytes(this.file.size), speed: megabytes(speed), left: duration((this.file.size - done) / speed) };
      this.say(now - first.at > 1_000 && speed > 0 ? "sending" : "beginning", words);
    }

    async follow() {
      for (;;) {
        const told = await this.patiently(() => ask(this.form, "GET", `/${this.id}`));
        if (told.state === "refused") throw new Refused(422, { code: told.code, detail: told.detail });
        this.keep();
        if (told.state === "ready") return this.say("ready", { name: this.file.name });
        this.bar.removeAttribute("value");
        this.say("checking");
        await sleep(LOOK_EVERY);
      }
    }

    // What has arrived may be named by the lesson while it is still being checked; what was refused no longer is.
    keep(id = this.id) {
      const named = this.root.querySelector("input[type=hidden]");
      if (named.value === id) return;
      this.before ??= named.value;
      named.value = id;
      named.dispatchEvent(new Event("change", { bubbles: true }));
    }

    end(error) {
      const problem = error.problem ?? {};
      if (this.before !== undefined) this.keep(this.before);
      if (problem.code === "cancelled") this.say("cancelled");
      else this.say("refused", { reason: problem.detail ?? problem.title ?? error.message });
    }

    async cancel() {
      this.stop.abort();
      if (this.id) await ask(this.form, "DELETE", `/${this.id}`).catch(() => undefined);
      this.say("cancelled");
    }

    async again() {
      this.say("checking");
      await ask(this.form, "POST", `/${this.id}/check`).then(() => this.follow()).catch((error) => this.end(error));
    }
  }

  const under = new Map();
  document.addEventListener("change", ({ target }) => {
    const root = target.closest(".uploader");
    if (!root || target.type !== "file" || !target.files.length) return;
    under.get(root)?.stop.abort();
    const sending = new Sending(root, target.files[0]);
    under.set(root, sending);
    sending.run().catch((error) => sending.end(error));
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest(".uploader button");
    const sending = button && under.get(button.closest(".uploader"));
    if (sending) (button.matches("[data-cancel]") ? sending.cancel() : sending.again());
  });
  addEventListener("beforeunload", (event) => {
    if ([...under.values()].some(({ root }) => ["looking", "beginning", "sending", "waiting"].includes(root.dataset.stage))) event.preventDefault();
  });
  document.documentElement.classList.add("uploads");
})();
