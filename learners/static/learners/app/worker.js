// The service worker: what is kept on this phone is opened from the phone when the network is away, or slower than
// three seconds. It is told RELEASE, FILES and SHELLS by the /sw.js that loads it. Pages of hers are never kept here:
// without network one page without anything personal is shown, and it opens her sealed things (shell.js).
"use strict";
const OURS = `shell-${RELEASE}`;
const SLOW = 3_000;
const LEAVING = ["/exit", "/sign-out"];
const LESSON = /^\/my\/courses\/[^/]+\/lessons\/([^/]+)$/;

addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(OURS);
      await cache.addAll(FILES);
      await keepShell(await jisr.get("settings", "shell"));
      await skipWaiting();
    })(),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== OURS);
      await Promise.all(old.map((name) => caches.delete(name)));
      await clients.claim();
    })(),
  );
});

// The page that is shown without network, in her language and under the name she chose, asked for as a stranger.
const keepShell = async (wanted) => {
  const path = SHELLS.includes(wanted) ? wanted : SHELLS[0];
  const cache = await caches.open(OURS);
  const answer = await fetch(path, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new Error(path);
  await cache.put("/offline", answer);
  await jisr.put("settings", path, "shell");
};
const shell = async () => (await caches.match("/offline")) ?? Response.error();

addEventListener("message", (event) => {
  if (event.data.shell) event.waitUntil(keepShell(event.data.shell).catch(() => {}));
});
addEventListener("sync", (event) => {
  if (event.tag === "send") event.waitUntil(jisr.outbox.send());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname.startsWith("/kept/")) event.respondWith(kept(request, url.pathname.slice(6)));
  else if (FILES.includes(url.pathname)) event.respondWith(ours(request));
  else if (request.mode === "navigate" && request.method === "GET") event.respondWith(visit(request, url));
  else if (LEAVING.includes(url.pathname) && request.method === "POST") event.respondWith(leave(request, url));
  else if (request.mode === "navigate" && LESSON.test(url.pathname)) event.respondWith(finish(request, url));
});

const ours = async (request) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request);

// A page: from the network, or from the phone where that fails, is slow, or answers that it cannot.
const visit = async (request, url) => {
  const answer = jisr.settle().then(() => fetch(request));
  answer.catch(() => {});
  try {
    if (url.searchParams.has("network") || !(await somethingKept())) return await answer;
    const first = await Promise.race([answer, new Promise((done) => setTimeout(done, SLOW))]);
    return first && first.status !== 503 ? first : await shell();
  } catch {
    return shell();
  }
};
const somethingKept = async () => (await jisr.act("kept", "readonly", (store) => store.count())) > 0;

// Leaving closes her things on this phone first, whatever becomes of the network.
const leave = async (request, url) => {
  await jisr.leave();
  try {
    const answer = await fetch(request);
    await jisr.remove("settings", "left");
    return answer;
  } catch {
    return url.pathname === "/exit" ? ((await caches.match("/calendar")) ?? Response.error()) : shell();
  }
};

// "I have finished this lesson" without network: it waits under the id that the form was given.
const finish = async (request, url) => {
  const form = request.clone().formData();
  try {
    return await Promise.race([
      fetch(request),
      new Promise((_, failed) => setTimeout(failed, SLOW, new Error("slow"))),
    ]);
  } catch {
    const given = await form;
    if (!given.get("event") || !given.get("enrolment")) return shell();
    const [, lesson] = LESSON.exec(url.pathname);
    const body = { enrolment: given.get("enrolment"), lesson, verb: "finished", occurred_at: new Date().toISOString() };
    await jisr.outbox.add(given.get("event"), { kind: "event", body });
    return Response.redirect(`${url.pathname}?kept`, 303);
  }
};

// A kept file, whole or the piece that a player asks for (RFC 9110, 14.2: one range of bytes).
const kept = async (request, sha256) => {
  const whole = await (await caches.open("kept")).match(`/kept/${sha256}`);
  if (!whole) return new Response(null, { status: 404 });
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("Range") ?? "") ?? [];
  if (from === undefined) return whole;
  const blob = await whole.blob();
  const last = to ? Math.min(Number(to), blob.size - 1) : blob.size - 1;
  if (Number(from) > last) {
    return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${blob.size}` } });
  }
  return new Response(blob.slice(Number(from), last + 1, blob.type), {
    status: 206,
    headers: { "Content-Range": `bytes ${from}-${last}/${blob.size}`, "Content-Type": blob.type },
  });
};
