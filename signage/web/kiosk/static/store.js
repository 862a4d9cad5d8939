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
    return store;
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

  // Number a play and keep it; one transaction, so that no number comes twice, not even from two windows.
  async addPlay(play) {
    if (!this.db) {
      const seq = (this.facts.get("seq") ?? 0) + 1;
      this.facts.set("seq", seq);
      this.kept.set(seq, { ...play, seq });
      return;
    }
    const change = this.db.transaction(["facts", "plays"], "readwrite", { durability: "strict" });
    const facts = change.objectStore("facts");
    const asked = facts.get("seq");
    asked.onsuccess = () => {
      const seq = (asked.result ?? 0) + 1;
      facts.put(seq, "seq");
      change.objectStore("plays").put({ ...play, seq });
    };
    return done(change);
  }

  // The first `count` plays that wait, in order.
  async plays(count) {
    if (!this.db) return [...this.kept.values()].slice(0, count);
    return settled(this.db.transaction("plays").objectStore("plays").getAll(null, count));
  }

  // The server has these numbers: forget them.
  async settle(seqs, through) {
    if (!this.db) {
      for (const seq of seqs) this.kept.delete(seq);
      this.facts.set("through", through);
      return;
    }
    const change = this.db.transaction(["facts", "plays"], "readwrite", { durability: "strict" });
    for (const seq of seqs) change.objectStore("plays").delete(seq);
    change.objectStore("facts").put(through, "through");
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
