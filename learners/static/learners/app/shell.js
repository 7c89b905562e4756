// The page without network: it stands at the address she asked for and shows it from what this phone keeps.
"use strict";
(() => {
  const { keeping, now, outbox, all, unlock } = jisr;
  const COURSE = /^\/(?:my\/)?courses\/([^/]+)$/;
  const LESSON = /^\/my\/courses\/([^/]+)\/lessons\/([^/]+)(?:\/attempts)?$/;
  const page = document.getElementById("kept");

  const show = (name) => {
    const piece = document.getElementById(`t-${name}`).content.cloneNode(true);
    for (const again of piece.querySelectorAll("[data-again]")) again.href = `${location.pathname}?network`;
    page.replaceChildren(piece);
    return page;
  };
  const say = (element, text, language) => {
    element.textContent = text;
    if (language) {
      element.lang = language;
      element.dir = "auto";
    }
  };
  const lessonsOf = (course) => course.outline.modules.flatMap((module) => module.lessons);
  const fileOf = (course, lesson, ...renditions) =>
    course.files.find((file) => file.lesson === lesson.id && renditions.includes(file.rendition));
  const lessonAddress = (course, lesson) => `/my/courses/${course.slug}/lessons/${lesson.id}`;

  // Finished by what the server said, or by what waits to be said to it; answers that wait count as taken.
  const doneIn = async (course) => {
    const said = course.progress.lessons.filter((one) => one.state === "finished").map((one) => one.lesson);
    const here = (await outbox.waiting()).map((thing) =>
      thing.kind === "attempt" ? thing.lesson : thing.kind === "event" && thing.body.verb === "finished" ? thing.body.lesson : "",
    );
    return new Set([...said, ...here]);
  };

  const ICONS = { text: "text", video: "play", audio: "sound", document: "document", quiz: "quiz" };
  // A line of a list; without a kind of lesson, of a course.
  const row = (list, address, title, language, { small = "", done = false, kind }) => {
    const item = document.getElementById("t-row").content.cloneNode(true);
    item.querySelector("a").href = address;
    say(item.querySelector(".title"), title, language);
    item.querySelector("small").textContent = small;
    const drawn = item.querySelector("use");
    if (ICONS[kind]) drawn.setAttribute("href", drawn.getAttribute("href").replace(/#.*/, `#${ICONS[kind]}`));
    item.querySelector(".done").hidden = !done;
    list.append(item);
  };

  const showList = async () => {
    const list = show("list").querySelector("ul");
    for (const course of await keeping.courses()) {
      const done = await doneIn(course);
      const lessons = lessonsOf(course);
      const small = page.dataset.count
        .replace("{done}", lessons.filter((lesson) => done.has(lesson.id)).length)
        .replace("{total}", lessons.length);
      row(list, `/courses/${course.slug}`, course.outline.course.title, course.language, { small });
    }
  };

  const showCourse = async (course) => {
    const done = await doneIn(course);
    const shown = show("course");
    say(shown.querySelector("h1"), course.outline.course.title, course.language);
    for (const lesson of lessonsOf(course)) {
      if (fileOf(course, lesson, "text", "quiz", "document", "audio", "video_240p", "original")) {
        const said = { kind: lesson.kind, done: done.has(lesson.id) };
        row(shown.querySelector("ol"), lessonAddress(course, lesson), lesson.title, course.language, said);
      }
    }
  };

  const headed = (name, course, lesson) => {
    const shown = show(name);
    const back = shown.querySelector(".back");
    back.href = `/courses/${course.slug}`;
    say(back.querySelector("span"), course.outline.course.title, course.language);
    return shown;
  };
  const onwardOf = (course, lesson) => {
    const lessons = lessonsOf(course);
    const next = lessons[lessons.findIndex((one) => one.id === lesson.id) + 1];
    return next ? lessonAddress(course, next) : `/courses/${course.slug}`;
  };
  const record = (course, lesson, verb, more = {}) => {
    const body = { enrolment: course.enrolment, lesson: lesson.id, verb, occurred_at: new Date().toISOString(), ...more };
    return outbox.add(crypto.randomUUID(), { kind: "event", body });
  };

  // A lesson's words: cleaned when they were published, checked by their SHA-256 when they were kept.
  const marked = (html) => new DOMParser().parseFromString(html, "text/html").body.childNodes;

  const player = (course, lesson) => {
    const file = fileOf(course, lesson, "video_240p", "original") ?? fileOf(course, lesson, "audio");
    if (!file) return [];
    const made = document.createElement(file.media_type.startsWith("video") ? "video" : "audio");
    made.controls = true;
    made.preload = "metadata";
    made.src = `/kept/${file.sha256}`;
    const captions = fileOf(course, lesson, "captions");
    if (captions && made.localName === "video") {
      const track = document.createElement("track");
      Object.assign(track, { kind: "captions", src: `/kept/${captions.sha256}`, srclang: course.language, default: true });
      made.append(track);
    }
    const known = course.progress.lessons.find((one) => one.lesson === lesson.id);
    made.addEventListener("loadedmetadata", () => { made.currentTime = known?.position ?? 0; }, { once: true });
    made.addEventListener("pause", () => record(course, lesson, "progressed", { position: Math.floor(made.currentTime) }));
    const frame = document.createElement(made.localName === "video" ? "figure" : "p");
    if (made.localName === "video") frame.className = "player";
    frame.append(made);
    return [frame];
  };

  const recorded = async (file) => {
    if (!file) return undefined;
    const read = new FileReader();
    await new Promise((done) => { read.onloadend = done; read.readAsDataURL(file); });
    return { type: file.type || "audio/mp4", data: read.result.replace(/^[^,]*,/, "") };
  };
  // «I am stuck» waits with the rest, where she wishes that it stands on her pages.
  const offerHelp = (course, lesson, shown) => {
    const help = shown.querySelector("[data-help]");
    help.hidden = !course.help;
    const form = help.querySelector("form");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const id = crypto.randomUUID();
      const said = { kind: event.submitter.value, text: form.text.value.trim(), occurred_at: new Date().toISOString() };
      const body = { id, enrolment: course.enrolment, lesson: lesson.id, ...said };
      const voice = await recorded(form.voice.files[0]);
      await outbox.add(id, { kind: "post", path: "/api/v1/help/messages", body, voice });
      form.hidden = true;
      shown.querySelector("[data-asked]").hidden = false;
    });
  };

  const showLesson = async (course, lesson) => {
    const text = fileOf(course, lesson, "text");
    const said = text ? await keeping.words(text) : undefined;
    const done = (await doneIn(course)).has(lesson.id);
    const shown = headed("lesson", course, lesson);
    say(shown.querySelector("h1"), lesson.title, course.language);
    const words = shown.querySelector(".lesson");
    words.append(...marked(said?.html ?? ""));
    words.lang = said?.language ?? course.language;
    words.dir = "auto";
    shown.querySelector(".media").replaceChildren(...player(course, lesson));
    const sheet = fileOf(course, lesson, "document");
    if (sheet) Object.assign(shown.querySelector("[data-sheet]"), { href: `/kept/${sheet.sha256}`, hidden: false });
    const finish = shown.querySelector("[data-finish]");
    const onward = shown.querySelector("[data-onward]");
    onward.href = onwardOf(course, lesson);
    const mark = () => {
      shown.querySelector(".tag").hidden = onward.hidden = false;
      finish.hidden = true;
    };
    offerHelp(course, lesson, shown);
    if (done) mark();
    finish.addEventListener("click", async () => {
      await record(course, lesson, "finished");
      mark();
      onward.focus();
    });
    if (!done) await record(course, lesson, "opened");
  };

  const choiceOf = (question, choice) => {
    const label = document.createElement("label");
    label.className = "choice";
    const input = document.createElement("input");
    Object.assign(input, { type: question.kind === "multiple" ? "checkbox" : "radio", name: question.id, value: choice.id });
    const words = document.createElement("span");
    words.textContent = choice.text;
    label.append(input, words);
    return label;
  };
  const placeOf = (question, place) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    Object.assign(select, { id: `q-${question.id}-${place}`, name: question.id });
    label.htmlFor = select.id;
    label.textContent = place;
    select.append(new Option(), ...question.choices.map((choice) => new Option(choice.text, choice.id)));
    return [label, select];
  };
  const WRITTEN = ["short", "numeric"];
  const optionsOf = (question) =>
    question.kind === "ordering"
      ? question.choices.flatMap((_choice, index) => placeOf(question, index + 1))
      : question.choices.map((choice) => choiceOf(question, choice));
  const asked = (question, number) => {
    const written = WRITTEN.includes(question.kind);
    const field = document.createElement(written ? "div" : "fieldset");
    field.className = "field";
    field.dir = "auto";
    const head = document.createElement(written ? "label" : "legend");
    head.textContent = `${number}. ${question.text}`;
    field.append(head);
    const hint = document.getElementById(`t-${question.kind}`);
    if (hint) field.append(hint.content.cloneNode(true));
    if (!written) field.append(...optionsOf(question));
    else {
      const input = document.createElement("input");
      Object.assign(input, { id: `q-${question.id}`, name: question.id, maxLength: 200, autocomplete: "off" });
      if (question.kind === "numeric") Object.assign(input, { maxLength: 40, inputMode: "decimal" });
      head.htmlFor = input.id;
      field.append(input);
    }
    return field;
  };
  const SAID_IN = { short: "text", numeric: "number", ordering: "order" };
  const answersIn = (form, questions) =>
    questions.map(({ id, kind }) => ({
      question: id,
      [SAID_IN[kind] ?? "choices"]: WRITTEN.includes(kind) ? (form.get(id)?.trim() ?? "") : form.getAll(id),
    }));
  const NUMBER = /^[-+\u2212]?[\d٠-٩۰-۹ ]{1,15}([.,،٫][\d٠-٩۰-۹]{1,10})?$/; // what the platform reads as a number
  const isAnswered = ({ text, number, order, choices }) =>
    text || NUMBER.test(number ?? "") || choices?.length || (order && new Set(order).size === order.length && !order.includes(""));

  const showQuiz = async (course, lesson) => {
    const { questions } = await keeping.words(fileOf(course, lesson, "quiz"));
    const shown = headed("quiz", course, lesson);
    say(shown.querySelector("h1"), lesson.title, course.language);
    shown.querySelector(".questions").append(...questions.map((question, place) => asked(question, place + 1)));
    shown.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const answers = answersIn(new FormData(event.target), questions);
      const open = answers.some((answer) => !isAnswered(answer));
      shown.querySelector(".error").hidden = !open;
      if (open) return shown.querySelector(".error").scrollIntoView();
      await outbox.add(crypto.randomUUID(), { kind: "attempt", enrolment: course.enrolment, lesson: lesson.id, answers });
      showSent(course, lesson);
    });
  };
  const showSent = (course, lesson) => {
    headed("sent", course, lesson).querySelector("[data-onward]").href = onwardOf(course, lesson);
    scrollTo(0, 0);
  };

  const showLock = () => {
    const form = show("lock").querySelector("form");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await unlock(form.pin.value)) return open();
      form.pin.value = "";
      form.querySelector(".error").hidden = false;
    });
  };

  const showPlace = async () => {
    const [, slug, id] = LESSON.exec(location.pathname) ?? COURSE.exec(location.pathname) ?? [];
    if (!slug) return (await keeping.courses()).length ? showList() : show("nothing");
    const course = await keeping.course(slug);
    if (!course) return show(location.search === "?kept" ? "noted" : "missing");
    const lesson = lessonsOf(course).find((one) => one.id === id);
    if (!id) return showCourse(course);
    if (!lesson || !course.files.some((file) => file.lesson === id)) return show("missing");
    return fileOf(course, lesson, "quiz") ? showQuiz(course, lesson) : showLesson(course, lesson);
  };

  const open = async () => {
    if (await now()) await showPlace();
    else if ((await all("locks")).length) showLock();
    else show("nothing");
  };
  open();
})();
