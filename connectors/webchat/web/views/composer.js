/* Where the visitor writes: a field that grows, files by button, paste and drop, and the limits in words. */

import { element, icon } from "../dom.js";
import { sized } from "../time.js";

const by = (id) => document.getElementById(id);
const NEAR = 200;

export class Composer {
  /** `acts` has send(text, files), typing() and draft(text); `uploads` keeps the files. */
  constructor({ tag, say, accept, acts, uploads }) {
    Object.assign(this, { tag, say, acts, uploads });
    this.limit = 5_000;
    this.field = by("text");
    this.field.placeholder = say("write");
    this.field.setAttribute("aria-label", say("label"));
    for (const [id, word] of [["attach", "attach"], ["send", "send"]]) by(id).setAttribute("aria-label", say(word));
    by("files").accept = accept.join(",");
    by("files").setAttribute("aria-label", say("attach"));
    by("drop").firstElementChild.textContent = say("drop");
    this.listen();
    this.dropping();
    this.paint();
  }

  listen() {
    by("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => {
      this.hint("");
      this.paint();
      this.acts.draft(this.field.value);
      this.acts.typing(this.field.value !== "");
    });
    this.field.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      this.uploads.add(files);
    });
    by("attach").addEventListener("click", () => by("files").click());
    by("files").addEventListener("change", () => {
      this.uploads.add([...by("files").files]);
      by("files").value = "";
      this.focus();
    });
  }

  dropping() {
    const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const show = (on) => {
      by("drop").hidden = !on || by("attach").hidden;
    };
    window.addEventListener("dragover", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      show(true);
    });
    window.addEventListener("dragleave", (event) => event.relatedTarget === null && show(false));
    window.addEventListener("drop", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      show(false);
      if (!by("attach").hidden) this.uploads.add([...event.dataTransfer.files]);
    });
  }

  submit() {
    const text = this.field.value.trim();
    if (this.uploads.busy || [...text].length > this.limit) return;
    if (!text && this.uploads.files.length === 0) return;
    const files = this.uploads.handOver();
    this.field.value = "";
    this.hint("");
    this.acts.draft("");
    this.acts.send(text, files);
    this.paint();
    this.focus();
  }

  write(text) {
    this.field.value = text;
    this.paint();
  }

  focus() {
    if (!this.field.disabled) this.field.focus({ preventScroll: true });
  }

  /** The limits that the server named. */
  bound(limits) {
    this.limit = limits.text;
    this.uploads.limits = limits;
    by("attach").hidden = limits.files === 0 || limits.bytes === 0;
    this.paint();
  }

  block() {
    this.field.disabled = true;
    by("attach").hidden = true;
    this.paint();
  }

  hint(text) {
    by("hint").textContent = text;
  }

  /** Say why a file cannot come. */
  refused(code, name) {
    const { bytes, files } = this.uploads.limits;
    const facts = { name, limit: code === "many" ? files : sized(bytes, this.tag) };
    const words = { large: "large", many: "many", empty: "empty", type: "type", slow: "uploadSlow" };
    this.hint(this.say(words[code] ?? "uploadFailed", facts));
  }

  tray(files) {
    const tray = by("tray");
    tray.hidden = files.length === 0;
    const there = new Map([...tray.children].map((child) => [child.dataset.id, child]));
    for (const one of files) {
      const child = there.get(one.id) ?? tray.appendChild(this.chip(one));
      there.delete(one.id);
      child.classList.toggle("busy", !one.file);
      child.querySelector("progress").value = one.part;
    }
    for (const gone of there.values()) gone.remove();
    this.paint();
  }

  chip(one) {
    const remove = { type: "button", class: "quiet", "aria-label": this.say("remove", one), onclick: () => this.uploads.remove(one.id) };
    const mark = one.preview ? element("img", { src: one.preview, alt: "" }) : icon("file");
    const name = element("span", { class: "name" }, element("b", { dir: "auto" }, one.name), element("small", {}, sized(one.size, this.tag)));
    const progress = element("progress", { max: 1, "aria-label": one.name });
    return element("li", { "data-id": one.id }, mark, name, element("button", remove, icon("cross")), progress);
  }

  /* The field's height follows its text; the button says whether there is something to send. */
  paint() {
    const left = this.limit - [...this.field.value.trim()].length;
    if (left < NEAR) this.hint(this.say(left < 0 ? "over" : "left", { n: Math.abs(left) }));
    const something = this.field.value.trim() !== "" || this.uploads.files.length > 0;
    by("send").disabled = !something || this.uploads.busy || left < 0 || this.field.disabled;
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 148)}px`;
  }
}
