/* The frame's side of the messages between the embedding page and the frame. Only an allowed site is listened to, and only to it we speak. */

import { allowed } from "./origins.js";

export class Bridge {
  /** `patterns` are the allowed sites; `on` has start, open, close, identify and page. */
  constructor(patterns, on) {
    this.embedded = window.parent !== window;
    this.site = "";
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || !this.embedded || !event.data?.parley) return;
      if (!allowed(event.origin, patterns)) return;
      this.site = event.origin;
      const { parley: kind, ...facts } = event.data;
      if (Object.hasOwn(on, kind)) on[kind](facts);
    });
  }

  /** Before the site has spoken its origin is unknown: this one word goes to whoever embeds us, and says nothing. */
  ready() {
    if (this.embedded) window.parent.postMessage({ parley: "ready" }, "*");
  }

  post(kind, facts = {}) {
    if (this.site) window.parent.postMessage({ parley: kind, ...facts }, this.site);
  }
}
