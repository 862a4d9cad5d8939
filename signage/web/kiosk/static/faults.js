// The present faults by name, for the status. `onChange` is called when one appears or disappears.

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
