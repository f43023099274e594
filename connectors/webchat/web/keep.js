/* What stays in this browser between visits, for one channel. Without storage (private windows, strict settings) it lives until the page goes. */

export class Keep {
  constructor(channel) {
    this.prefix = `parley:${channel}:`;
    this.memory = new Map();
  }

  get(name) {
    try {
      const text = localStorage.getItem(this.prefix + name);
      return text === null ? (this.memory.get(name) ?? null) : JSON.parse(text);
    } catch {
      return this.memory.get(name) ?? null;
    }
  }

  set(name, value) {
    this.memory.set(name, value);
    try {
      localStorage.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      // No room or no storage: the memory has it.
    }
  }

  drop(name) {
    this.memory.delete(name);
    try {
      localStorage.removeItem(this.prefix + name);
    } catch {
      // The memory is all there is.
    }
  }

  /** The names that begin with `start`. */
  names(start) {
    const found = new Set([...this.memory.keys()].filter((name) => name.startsWith(start)));
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(this.prefix + start)) found.add(key.slice(this.prefix.length));
      }
    } catch {
      // The memory is all there is.
    }
    return [...found];
  }
}
