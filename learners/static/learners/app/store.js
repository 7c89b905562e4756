// What this phone keeps for its learners: work that waits to be sent, and courses kept for days without network.
// Everything is sealed (AES-GCM) under a key of its owner's: another learner on the same phone reads none of it.
// Used by the pages and by the service worker. docs/offline.md says what is promised, docs/sync.md what is sent.
"use strict";
self.jisr = (() => {
  const STORES = { settings: null, locks: "owner", waiting: "id", kept: "id", pieces: null };
  const ROUNDS = 600_000; // PBKDF2-HMAC-SHA-256, as OWASP's cheat sheet for storing passwords has it
  const TRIES = 10;
  const PATIENCE = 20_000; // milliseconds for an answer: a question without one must not hold up what comes after it

  // IndexedDB -----------------------------------------------------------------------------------------------------

  const database = () =>
    new Promise((done, failed) => {
      const asked = indexedDB.open("jisr", 1);
      asked.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(STORES)) {
          if (!asked.result.objectStoreNames.contains(name)) {
            asked.result.createObjectStore(name, keyPath ? { keyPath } : undefined);
          }
        }
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });

  const act = async (name, mode, work) => {
    const opened = await database();
    try {
      return await new Promise((done, failed) => {
        // "strict": done means on the disk, also when the battery goes in the next moment.
        const transaction = opened.transaction(name, mode, { durability: name === "pieces" ? "relaxed" : "strict" });
        const asked = work(transaction.objectStore(name));
        transaction.oncomplete = () => done(asked?.result);
        transaction.onerror = transaction.onabort = () => failed(transaction.error);
      });
    } finally {
      opened.close();
    }
  };
  const get = (name, key) => act(name, "readonly", (store) => store.get(key));
  const all = (name) => act(name, "readonly", (store) => store.getAll());
  const put = (name, value, key) => act(name, "readwrite", (store) => store.put(value, key));
  const remove = (name, key) => act(name, "readwrite", (store) => store.delete(key));

  // Sealing -------------------------------------------------------------------------------------------------------

  const words = new TextEncoder();
  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const usable = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

  const seal = async (key, value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, words.encode(JSON.stringify(value)));
    return { iv, data };
  };
  const unseal = async (key, { iv, data }) =>
    JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data)));

  // Who is here ---------------------------------------------------------------------------------------------------

  // {owner, keys: {id: CryptoKey}, current, device}: the learner whose things are open on this phone, or undefined.
  const now = () => get("settings", "now");

  // Leaving closes her things here at once, and owes the server the end of her session until it has answered.
  const leave = () =>
    act("settings", "readwrite", (store) => {
      store.put(true, "left");
      store.delete("now");
    });
  // Before anything is asked in her name again: without network she could not tell the server that she had left.
  const settle = async () => {
    if (!(await get("settings", "left"))) return;
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch("/exit", { method: "POST", credentials: "same-origin", redirect: "manual", signal });
    if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error("/exit");
    await remove("settings", "left");
  };

  const asked = async (path) => {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(path, { credentials: "same-origin", cache: "no-store", redirect: "error", signal });
    if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status });
    return answer;
  };
  const ask = async (path) => (await asked(path)).json();

  const welcome = async (told, asked = false) => {
    const keys = {};
    for (const { id, key } of told.keys) keys[id] = await usable(bytes(key));
    const device = (await get("settings", `device/${told.owner}`)) ?? crypto.randomUUID();
    await put("settings", device, `device/${told.owner}`);
    const here = { owner: told.owner, keys, current: told.keys[0].id, device };
    await act("settings", "readwrite", (store) => {
      store.get("left").onsuccess = ({ target }) => {
        if (!(asked && target.result)) store.put(here, "now"); // an answer that comes after she left opens nothing
      };
    });
    return here;
  };

  // Asks the server who is signed in here, and opens her things. Throws without network, or with status 401.
  const enter = async () => {
    await settle();
    const answer = await asked("/api/v1/me/offline");
    const told = await answer.json();
    return { ...(await welcome(told, true)), csrf: answer.headers.get("X-CSRFToken"), told };
  };

  // A PIN under which her key stays on the phone when she leaves, so that she can come back without network.
  const stretched = async (pin, salt) => {
    const given = await crypto.subtle.importKey("raw", words.encode(pin), "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
    return crypto.subtle.deriveKey(how, given, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  };
  const lock = async (pin) => {
    const { told } = await enter();
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const sealed = await seal(await stretched(pin, salt), { owner: told.owner, keys: told.keys });
    await put("locks", { owner: told.owner, salt, tries: 0, ...sealed });
  };
  // Opens whose PIN it is; nobody is named, and a lock that was tried in vain ten times needs the network again.
  const unlock = async (pin) => {
    const locks = await all("locks");
    for (const one of locks) {
      try {
        const here = await welcome(await unseal(await stretched(pin, one.salt), one));
        await Promise.all(locks.map((other) => put("locks", { ...other, tries: 0 })));
        return here;
      } catch {
        // Another's, or wrong.
      }
    }
    for (const one of locks) {
      await (one.tries + 1 < TRIES ? put("locks", { ...one, tries: one.tries + 1 }) : remove("locks", one.owner));
    }
    return undefined;
  };

  // Her things ----------------------------------------------------------------------------------------------------

  // Of whoever is here, or of `whose` it is said to be: a page must not mix two who come one after the other.
  const write = async (name, id, value, whose) => {
    const here = whose ?? (await now());
    if (!here) throw new Error("nobody is here");
    const sealed = await seal(here.keys[here.current], value);
    await put(name, { id, owner: here.owner, key: here.current, at: Date.now(), ...sealed });
  };
  const read = async (name, whose) => {
    const here = whose ?? (await now());
    if (!here) return [];
    const mine = (await all(name)).filter((row) => row.owner === here.owner && here.keys[row.key]);
    const opened = await Promise.all(
      mine.map(async (row) => ({ ...(await unseal(here.keys[row.key], row)), id: row.id, at: row.at })),
    );
    return opened.sort((one, other) => one.at - other.at);
  };

  return { PATIENCE, act, all, ask, bytes, enter, get, leave, lock, now, put, read, remove, settle, unlock, write };
})();
