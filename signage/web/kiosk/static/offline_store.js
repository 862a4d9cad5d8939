// What outlives a reload: the document in use, pinned keys, and the plays that were not acknowledged yet.
// Where IndexedDB is refused (private windows) everything stays in memory, and the status says so.

export class Store {
  static async open(name) {
    const store = new Store();
    try {
      store.db = await opened(name);
    } catch {
      store.db = null;
    }
    store.facts = new Map();
    store.kept = new Map();
    store.missed = 0;
    return store;
  }

  close() {
    this.db?.close();
  }

  get durable() {
    return this.db !== null;
  }

  async get(key) {
    if (!this.db) return this.facts.get(key);
    return settled(this.db.transaction("facts").objectStore("facts").get(key));
  }

  async set(key, value) {
    if (!this.db) return void this.facts.set(key, value);
    const change = this.db.transaction("facts", "readwrite", { durability: "strict" });
    change.objectStore("facts").put(value, key);
    return done(change);
  }

  // Number a play and keep it; one transaction, so that no number comes twice, not even from two windows. One that
  // could not be kept leaves its number out, and so is told as lost.
  async addPlay(play) {
    try {
      await this.#addPlay(play, this.missed);
      this.missed = 0;
    } catch (error) {
      this.missed += 1;
      throw error;
    }
  }

  async #addPlay(play, missed) {
    if (!this.db) {
      const seq = (this.facts.get("seq") ?? 0) + 1 + missed;
      this.kept.set(seq, { ...play, seq });
      this.facts.set("seq", seq);
      return;
    }
    const change = this.db.transaction(["facts", "plays"], "readwrite", { durability: "strict" });
    const facts = change.objectStore("facts");
    const asked = facts.get("seq");
    asked.onsuccess = () => {
      const seq = (asked.result ?? 0) + 1 + missed;
      facts.put(seq, "seq");
      change.objectStore("plays").put({ ...play, seq });
    };
    return done(change);
  }

  // The first `count` plays that wait, in order, and the number through which all is settled: as of one moment, since
  // another window may be sending too.
  async waiting(count) {
    if (!this.db) return { plays: [...this.kept.values()].slice(0, count), through: this.facts.get("through") ?? 0 };
    const look = this.db.transaction(["facts", "plays"]);
    const plays = settled(look.objectStore("plays").getAll(null, count));
    const through = settled(look.objectStore("facts").get("through"));
    return { plays: await plays, through: (await through) ?? 0 };
  }

  // All is settled up to `through`, of the numbers that were ever given: forget these plays and no others. A server
  // that was set back names a lower number than before; what is gone here is then told as lost.
  async settle(through) {
    if (!this.db) {
      const to = Math.min(through, this.facts.get("seq") ?? 0);
      for (const seq of [...this.kept.keys()]) if (seq <= to) this.kept.delete(seq);
      this.facts.set("through", to);
      return;
    }
    const change = this.db.transaction(["facts", "plays"], "readwrite", { durability: "strict" });
    const asked = change.objectStore("facts").get("seq");
    asked.onsuccess = () => {
      const to = Math.min(through, asked.result ?? 0);
      if (to > 0) change.objectStore("plays").delete(IDBKeyRange.upperBound(to));
      change.objectStore("facts").put(to, "through");
    };
    return done(change);
  }
}

function opened(name) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("facts");
      asked.result.createObjectStore("plays", { keyPath: "seq" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("blocked"));
  });
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(change) {
  return new Promise((resolve, reject) => {
    change.oncomplete = () => resolve();
    change.onerror = () => reject(change.error);
    change.onabort = () => reject(change.error);
  });
}
