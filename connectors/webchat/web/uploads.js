/* Files on their way up: checked against the channel's limits, sent with their progress, listed until the message takes them. */

export class Uploads {
  /** `pass()` is the visitor's upload pass; `onchange(files)` repaints the tray; `onrefused(code, file)` says why one cannot come. */
  constructor({ pass, onchange, onrefused }) {
    Object.assign(this, { pass, onchange, onrefused });
    this.files = [];
    this.limits = { files: 0, bytes: 0, types: [] };
  }

  get busy() {
    return this.files.some((one) => !one.file);
  }

  add(list) {
    for (const blob of list) {
      const code = this.refusal(blob);
      if (code) this.onrefused(code, blob.name);
      else this.begin(blob);
    }
  }

  refusal(blob) {
    if (this.files.length >= this.limits.files) return "many";
    if (blob.size > this.limits.bytes) return "large";
    if (blob.size === 0) return "empty";
    const type = (blob.type || "application/octet-stream").toLowerCase();
    const fits = (allowed) => (allowed.endsWith("*") ? type.startsWith(allowed.slice(0, -1)) : type === allowed);
    return this.limits.types.length === 0 || this.limits.types.some((one) => fits(one.toLowerCase())) ? "" : "type";
  }

  begin(blob) {
    const one = { id: crypto.randomUUID(), name: blob.name, type: blob.type, size: blob.size, part: 0, file: "", request: new XMLHttpRequest() };
    if (one.type.startsWith("image/")) one.preview = URL.createObjectURL(blob);
    this.files.push(one);
    const { request } = one;
    request.open("POST", `upload?name=${encodeURIComponent(blob.name)}`);
    request.setRequestHeader("Authorization", `Bearer ${this.pass()}`);
    request.setRequestHeader("Content-Type", blob.type || "application/octet-stream");
    request.timeout = 120_000;
    request.upload.addEventListener("progress", (event) => this.progress(one, event.loaded / event.total));
    request.addEventListener("loadend", () => this.ended(one));
    request.send(blob);
    this.onchange(this.files);
  }

  progress(one, part) {
    one.part = part;
    this.onchange(this.files);
  }

  ended(one) {
    if (!this.files.includes(one)) return;
    if (one.request.status === 201) {
      const { file, name, type, size } = JSON.parse(one.request.response);
      Object.assign(one, { file, name, type, size, part: 1 });
      this.onchange(this.files);
      return;
    }
    this.remove(one.id);
    const codes = { 401: "pass", 413: "large", 415: "type", 429: "slow" };
    this.onrefused(codes[one.request.status] ?? "failed", one.name);
  }

  remove(id) {
    const one = this.files.find((file) => file.id === id);
    this.files = this.files.filter((file) => file !== one);
    if (one?.request.readyState !== 4) one?.request.abort();
    if (one?.preview) URL.revokeObjectURL(one.preview);
    this.onchange(this.files);
  }

  /** The finished files, for a message; the tray is empty then. */
  handOver() {
    const done = this.files.map(({ file, name, type, size }) => ({ file, name, type, size }));
    for (const one of this.files) if (one.preview) URL.revokeObjectURL(one.preview);
    this.files = [];
    this.onchange(this.files);
    return done;
  }
}
