// A resumable upload by tus 1.0, in chunks; continues after a network failure, a reload or a new login.
import { getCsrfToken, renewToken } from "./requests.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
const PIECE = 8 * 1024 * 1024;
const WAITS_MS = [1000, 2000, 5000, 10_000, 20_000];

export class Upload extends EventTarget {
  constructor(address, file) {
    super();
    this.address = address;
    this.file = file;
    this.key = `upload ${file.name} ${file.size} ${file.lastModified}`;
    this.location = localStorage.getItem(this.key);
    this.offset = 0;
    this.over = false;
  }

  get id() {
    return this.location?.split("/").pop();
  }

  async run() {
    let tries = 0;
    while (!this.over) {
      try {
        await this.step();
        if (this.offset >= this.file.size && this.location) return this.emit("sent");
        tries = 0;
      } catch (error) {
        if (error.final) return this.emit("refused", error.told);
        this.emit(error.login ? "login" : "broken");
        if (error.login) await renewToken();
        await new Promise((done) => setTimeout(done, WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)]));
      }
    }
    return undefined;
  }

  async step() {
    if (!this.location) return this.create();
    if (!this.known) return this.ask();
    return this.send();
  }

  async create() {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.file.name)));
    const headers = { "Upload-Length": String(this.file.size), "Upload-Metadata": `filename ${name}` };
    const answer = await this.fetch(this.address, { method: "POST", headers });
    this.location = new URL(answer.headers.get("Location"), location.href).pathname;
    localStorage.setItem(this.key, this.location);
    this.known = true;
  }

  async ask() {
    try {
      const answer = await this.fetch(this.location, { method: "HEAD" });
      this.offset = Number(answer.headers.get("Upload-Offset"));
      this.known = true;
    } catch (error) {
      if (![403, 404, 410].includes(error.status)) throw error;
      this.forget();
      this.location = null;
    }
  }

  send() {
    const piece = this.file.slice(this.offset, this.offset + PIECE);
    return new Promise((done, fail) => {
      const request = (this.request = new XMLHttpRequest());
      request.open("PATCH", this.location);
      const headers = { ...this.getHeaders(), "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.offset) };
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => this.emit("progress", (this.offset + event.loaded) / this.file.size);
      request.onerror = request.onabort = () => fail(this.createError(0, null));
      request.onload = () => {
        if (request.status === 204 || request.status === 200) {
          this.offset = Number(request.getResponseHeader("Upload-Offset"));
          done();
        } else fail(this.createError(request.status, request.responseText));
      };
      request.send(piece);
    });
  }

  async stop() {
    this.over = true;
    this.request?.abort();
    if (this.location) await fetch(this.location, { method: "DELETE", headers: this.getHeaders() }).catch(() => null);
    this.forget();
  }

  forget() {
    localStorage.removeItem(this.key);
  }

  getHeaders() {
    return { ...VERSION, "X-CSRF-Token": getCsrfToken() };
  }

  async fetch(address, options) {
    const answer = await fetch(address, { ...options, headers: { ...this.getHeaders(), ...options.headers } });
    if (!answer.ok) throw this.createError(answer.status, await answer.text().catch(() => null));
    return answer;
  }

  // Create the error of a status: temporary ones are retried, others are final, with the server's message.
  createError(status, text) {
    this.known = false;
    let passing = status === 0 || status === 401 || status === 409 || status === 423 || status === 408 || status === 429 || (status >= 500 && status !== 507);
    let told = null;
    let login = status === 401;
    try {
      const problem = JSON.parse(text);
      const fault = problem.faults?.[0];
      login ||= problem.code === "csrf-wrong"; // the session is not the page's
      passing ||= login;
      told = fault ? `${fault.what} ${fault.mend ?? ""}` : problem.detail;
    } catch {
      // not a problem document
    }
    return Object.assign(new Error(String(status)), { status, told, login, final: !passing });
  }

  emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
