// Keeping a course on this phone: its manifest, its words, and the files she chose, piece by piece, each checked.
"use strict";
self.jisr.keeping = (() => {
  const PIECE = 512 * 1024;
  const { act, all, ask, get, put, read, remove, write } = self.jisr;
  const place = async (text) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const digestOf = async (buffer) => {
    const digest = await crypto.subtle.digest("SHA-256", buffer);
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  // What belongs to a choice: "text" alone, with sound ("audio"), or with films ("video").
  const SOUND = { text: [], audio: ["audio"], video: ["audio", "video_240p"] };
  const WORDS = ["text", "quiz", "captions", "document"];
  const chosen = (manifest, choice, part) => {
    const wanted = manifest.files.filter((file) => !part || file.lesson === part || file.module === part);
    const heard = (file) => {
      const also = wanted.filter((other) => other.lesson === file.lesson).map((other) => other.rendition);
      if (file.rendition === "original") return choice === "video" && !also.includes("video_240p") && !also.includes("audio");
      if (choice === "video" && file.rendition === "audio") return !also.includes("video_240p");
      return SOUND[choice].includes(file.rendition);
    };
    return wanted.filter((file) => WORDS.includes(file.rendition) || heard(file));
  };
  const bytesOf = (files) => files.reduce((sum, file) => sum + file.bytes, 0);

  // The pieces already here stay when the network goes; the next attempt goes on behind them.
  const fetchWhole = async (file, told) => {
    const pieces = [];
    for (let from = 0; from < file.bytes; from += PIECE) {
      const name = `${file.sha256}/${from}`;
      let piece = await get("pieces", name);
      if (!piece) {
        const to = Math.min(from + PIECE, file.bytes) - 1;
        const headers = file.bytes > PIECE ? { Range: `bytes=${from}-${to}` } : {};
        const answer = await fetch(file.url, { credentials: "same-origin", headers });
        if (!answer.ok) throw Object.assign(new Error(file.url), { status: answer.status });
        piece = await answer.arrayBuffer();
        if (answer.status === 200 && file.bytes > PIECE) return [piece];
        await put("pieces", piece, name);
      }
      pieces.push(piece);
      told(piece.byteLength);
    }
    return pieces;
  };
  const forgetPieces = (file) =>
    act("pieces", "readwrite", (store) => store.delete(IDBKeyRange.bound(`${file.sha256}/`, `${file.sha256}/~`)));

  // One file: kept only with the right SHA-256; damaged it is fetched once again, then said.
  const keepFile = async (file, told) => {
    const cache = await caches.open("kept");
    if (await cache.match(`/kept/${file.sha256}`)) return told(file.bytes);
    for (const last of [false, true]) {
      const blob = new Blob(await fetchWhole(file, told), { type: file.media_type });
      await forgetPieces(file);
      if ((await digestOf(await blob.arrayBuffer())) === file.sha256) {
        return cache.put(`/kept/${file.sha256}`, new Response(blob, { headers: { "Content-Type": file.media_type } }));
      }
      if (last) throw Object.assign(new Error(file.url), { damaged: true });
      told(-file.bytes);
    }
  };

  const courses = () => read("kept");
  const course = async (slug) => (await courses()).find((one) => one.slug === slug);

  // Keeps what she chose of a course, within the room she gave; `told(done, whole)` in bytes.
  const keep = async (wanted, choice, { part, room, told }) => {
    const address = `/api/v1/courses/${wanted.slug}/publications/${wanted.publication}`;
    const manifest = await ask(`${address}/manifest?language=${wanted.language}`);
    const files = chosen(manifest, choice, part);
    const outline = await ask(`${address}/outline/${wanted.language}`);
    const progress = await ask(`/api/v1/enrolments/${wanted.enrolment}/progress`);
    const help = (await ask("/api/v1/me/help")).wanted;
    const whole = bytesOf(files);
    if (whole > room) throw Object.assign(new Error("room"), { full: true });
    let done = 0;
    for (const file of files) await keepFile(file, (more) => told((done += more), whole));
    const before = part ? await course(wanted.slug) : undefined;
    const known = before?.publication === wanted.publication ? before.files : [];
    const together = [...known.filter((file) => !files.some((other) => other.url === file.url)), ...files];
    const here = await self.jisr.now();
    const id = await place(`${here.owner}/${wanted.slug}`);
    await write("kept", id, { ...wanted, choice, outline, progress, help, files: together });
    await sweep();
  };

  // Progress as the server has it now, for courses that are kept, and whether she wishes for help.
  const refresh = async () => {
    const kept = await courses();
    const said = kept.length ? await ask("/api/v1/me/help").catch(() => undefined) : undefined;
    for (const { id, at, ...one } of kept) {
      const progress = await ask(`/api/v1/enrolments/${one.enrolment}/progress`).catch(() => undefined);
      if (progress) await write("kept", id, { ...one, progress, help: said?.wanted ?? one.help });
    }
  };

  const forget = async (slug) => {
    const one = await course(slug);
    if (one) await remove("kept", one.id);
    await sweep();
  };

  // Files that no kept course of anybody here names go; where another learner's things are closed, all stay.
  const sweep = async () => {
    const mine = await courses();
    if (mine.length !== (await all("kept")).length) return;
    const named = new Set(mine.flatMap((one) => one.files.map((file) => `/kept/${file.sha256}`)));
    const cache = await caches.open("kept");
    for (const request of await cache.keys()) {
      if (!named.has(new URL(request.url).pathname)) await cache.delete(request);
    }
  };

  const words = async (file) => (await (await caches.open("kept")).match(`/kept/${file.sha256}`))?.json();

  return { bytesOf, chosen, course, courses, forget, keep, refresh, words };
})();
