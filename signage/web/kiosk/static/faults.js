// What is wrong now, by name; the status tells it. `onChange` is called when one comes or goes.

export class Faults {
  constructor() {
    this.known = new Map();
    this.onChange = () => {};
  }

  set(name, text) {
    if (this.known.get(name) === text) return;
    this.known.set(name, text);
    console.warn(text);
    this.onChange();
  }

  clear(name) {
    if (this.known.delete(name)) this.onChange();
  }

  list() {
    return [...this.known.values()];
  }
}
