// Work that waits to be sent: it goes when there is network, in any order, as often as needed, and stays until the
// server has acknowledged it. docs/sync.md. Used by the pages and by the service worker.
"use strict";
self.jisr.outbox = (() => {
  const AT_ONCE = 100;
  const LONGEST = 5 * 60_000;
  const FOR_GOOD = new Set([400, 403, 404, 409, 413, 422]); // asked again it would be refused again
  const { PATIENCE, bytes, enter, read, remove, write } = self.jisr;

  // {kind: "event", body} as /progress/events takes it, {kind: "attempt", enrolment, lesson, answers}, or
  // {kind: "post", path, body}, with {voice: {type, data}} (base64) what goes before it and is named by it. The id is the one by which the server knows it: sent twice it counts once.
  const add = async (id, thing) => {
    await write("waiting", id, thing);
    tell();
    self.registration?.sync?.register("send").catch(() => {});
    navigator.serviceWorker?.ready.then((it) => it.sync?.register("send")).catch(() => {});
  };
  const waiting = async () => (await read("waiting")).filter((thing) => !thing.refused);
  const refused = async () => (await read("waiting")).filter((thing) => thing.refused);

  // Everyone who shows a number of waiting things listens to this.
  const heard = new BroadcastChannel("waiting");
  const tell = () => heard.postMessage("changed");

  const ask = async (me, method, path, headers, body) => {
    const answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { ...headers, "X-CSRFToken": me.csrf },
      body,
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.ok) return answer.json();
    const code = (await answer.json().catch(() => ({}))).code;
    throw Object.assign(new Error(path), { status: answer.status, code });
  };
  const JSON_ = { "Content-Type": "application/json" };
  const post = (me, path, body) => ask(me, "POST", path, JSON_, JSON.stringify(body));
  // A batch of events weighs a fifth when it is packed, where this browser can.
  const postPacked = async (me, path, body) => {
    if (!self.CompressionStream) return post(me, path, body);
    const packing = new Blob([JSON.stringify(body)]).stream().pipeThrough(new CompressionStream("gzip"));
    const packed = await new Response(packing).arrayBuffer();
    return ask(me, "POST", path, { ...JSON_, "Content-Encoding": "gzip" }, packed);
  };

  // Refused for good, unless another learner has signed in meanwhile: it was never asked in her name then.
  const refuse = async (me, { id, at, ...thing }, code) => {
    if ((await enter()).owner !== me.owner) throw Object.assign(new Error("another is here"), { status: 401 });
    await write("waiting", id, { ...thing, refused: code }, me);
  };

  const sendEvents = async (me, events, owed) => {
    for (let start = 0; start < events.length; start += AT_ONCE) {
      const sent = events.slice(start, start + AT_ONCE);
      const left = owed - Math.min(start + AT_ONCE, events.length);
      const body = { device: me.device, waiting: left, events: sent.map((thing) => ({ id: thing.id, ...thing.body })) };
      const { results } = await postPacked(me, "/api/v1/progress/events", body);
      for (const [place, result] of results.entries()) {
        if (result.status === "refused") await refuse(me, sent[place], result.code);
        else await remove("waiting", sent[place].id);
      }
      tell();
    }
  };

  const sendOne = async (me, thing) => {
    if (thing.kind === "post") {
      if (!thing.voice) return post(me, thing.path, thing.body);
      await ask(me, "PUT", `/api/v1/voice-notes/${thing.id}`, { "Content-Type": thing.voice.type }, bytes(thing.voice.data));
      return post(me, thing.path, { ...thing.body, voice: thing.id });
    }
    const attempts = `/api/v1/enrolments/${thing.enrolment}/lessons/${thing.lesson}/attempts`;
    await post(me, attempts, { id: thing.id });
    return post(me, `/api/v1/attempts/${thing.id}/submit`, { answers: thing.answers });
  };

  const sendOthers = async (me, others) => {
    for (const thing of others) {
      try {
        await sendOne(me, thing);
        await remove("waiting", thing.id);
      } catch (error) {
        if (!FOR_GOOD.has(error.status)) throw error;
        await refuse(me, thing, error.code ?? String(error.status));
      }
      tell();
    }
  };

  const work = async () => {
    const me = await enter();
    const things = (await read("waiting", me)).filter((thing) => !thing.refused);
    const events = things.filter((thing) => thing.kind === "event");
    await sendEvents(me, events, things.length);
    await sendOthers(me, things.filter((thing) => thing.kind !== "event"));
    return things.length;
  };
  // One sender at a time on this phone, whichever pages are open. Throws what stopped it.
  const send = () => navigator.locks.request("jisr-send", work);

  // Sends now, and again after a while that doubles, until nothing waits or she has to sign in.
  let wait = 0;
  let timer;
  const keepSending = async () => {
    clearTimeout(timer);
    try {
      if ((await waiting()).length) await send();
      wait = 0;
    } catch (error) {
      if (error.status === 401) return;
      wait = Math.min(wait ? wait * 2 : 2_000, LONGEST);
      timer = setTimeout(keepSending, wait * (1 + Math.random() / 2));
    }
  };

  return { add, heard, keepSending, refused, send, waiting };
})();
