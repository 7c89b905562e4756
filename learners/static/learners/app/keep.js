// The page on which she chooses what stays on her phone, sees how much room it takes, and removes it.
"use strict";
(() => {
  const { keeping, lock, get, put } = jisr;
  const box = document.getElementById("keep");
  const form = box.querySelector("form");
  const part = (selector) => box.querySelector(selector);
  const { slug, language, publication, enrolment, unit } = box.dataset;
  const number = new Intl.NumberFormat(document.documentElement.lang === "ar" ? "ar-MA-u-nu-latn" : document.documentElement.lang, {
    maximumFractionDigits: 1,
  });
  const size = (bytes) => unit.replace("{n}", number.format(Math.max(bytes / 1e6, 0.1)));

  const wantedPart = () => (/^\d+$/.test(form.part.value) ? Number(form.part.value) : form.part.value);
  let manifest;
  const showSizes = () => {
    for (const small of box.querySelectorAll("[data-bytes]")) {
      small.textContent = size(keeping.bytesOf(keeping.chosen(manifest, small.dataset.bytes, wantedPart())));
    }
  };

  const showKept = async () => {
    const list = part("[data-list]");
    list.replaceChildren();
    const courses = await keeping.courses();
    part("[data-kept]").hidden = !courses.some((course) => course.slug === slug);
    for (const course of courses) {
      const row = part("template").content.cloneNode(true);
      row.querySelector(".title").textContent = course.outline.course.title;
      row.querySelector("small").textContent = size(keeping.bytesOf(course.files));
      row.querySelector("button").addEventListener("click", async () => {
        await keeping.forget(course.slug);
        await showKept();
      });
      list.append(row);
    }
    part("[data-used]").textContent = size((await navigator.storage.estimate()).usage ?? 0);
  };

  const roomLeft = async () => {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return Math.min(Number(document.getElementById("room").value) * 1e6, quota * 0.8) - usage;
  };
  const keep = async () => {
    for (const line of box.querySelectorAll("form .error")) line.hidden = true;
    const running = part("[data-running]");
    running.hidden = false;
    const told = (done, whole) => {
      running.querySelector("progress").value = done / whole;
      running.querySelector("[data-done]").textContent = `${size(done)} / ${size(whole)}`;
    };
    try {
      await navigator.storage.persist?.();
      const wanted = { slug, language, publication: Number(publication), enrolment };
      await keeping.keep(wanted, form.choice.value, { part: wantedPart(), room: await roomLeft(), told });
    } catch (error) {
      const full = error.full || error.name === "QuotaExceededError";
      part(full ? "[data-full]" : error.damaged ? "[data-damaged]" : "[data-stopped]").hidden = false;
    }
    running.hidden = true;
    await showKept();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    await keep();
    button.disabled = false;
  });
  form.part.addEventListener("change", showSizes);
  document.getElementById("room").addEventListener("change", (event) => put("settings", event.target.value, "room"));

  const locking = part("[data-lock]");
  locking.addEventListener("submit", async (event) => {
    event.preventDefault();
    const short = !/^\d{6,12}$/.test(locking.pin.value);
    part("[data-short]").hidden = !short;
    if (short) return;
    await lock(locking.pin.value);
    locking.reset();
    part("[data-locked]").hidden = false;
  });

  const begin = async () => {
    document.getElementById("room").value = (await get("settings", "room")) ?? "300";
    if (!(await jisr.now())) await jisr.enter();
    manifest = await jisr.ask(`/api/v1/courses/${slug}/publications/${publication}/manifest?language=${language}`);
    showSizes();
    await showKept();
    box.hidden = false;
  };
  begin().catch(() => { box.hidden = false; part("[data-stopped]").hidden = false; });
})();
