/* The head of the chat: whom one talks with, whether they are there, how the line is, and who is typing. */

import { element } from "../dom.js";

const by = (id) => document.getElementById(id);
const CALM = 1_500;

export class Head {
  constructor({ say, settings }) {
    Object.assign(this, { say, settings });
    this.timer = 0;
    this.begun = false;
    by("close").setAttribute("aria-label", say("close"));
  }

  /** `agent` is who answered last; `open` whether somebody is there at this hour. */
  people(agent, open) {
    const name = agent || this.settings.name;
    by("who").textContent = this.settings.name;
    by("face").textContent = [...name][0]?.toUpperCase() ?? "";
    by("face").classList.toggle("marked", this.settings.hours); // without hours we do not know who is there
    by("face").classList.toggle("away", !open);
    const idle = agent ? this.say("with", { name: agent }) : this.settings.subtitle;
    by("presence").textContent = open ? idle : this.settings.away || this.say("away");
    by("presence").classList.toggle("away", !open);
  }

  /** A short cut is not worth a word; what is refused is said at once. */
  line(state, sentence = "") {
    if (state === "connecting" || state === "waiting") {
      this.timer ||= setTimeout(() => this.notice("calm", this.say(this.begun ? "waiting" : "connecting")), CALM);
      return;
    }
    clearTimeout(this.timer);
    this.timer = 0;
    this.begun ||= state === "ready";
    if (state === "stopped") this.notice("problem", sentence || this.say("refused"));
    else this.notice("calm", state === "full" ? this.say("full") : "");
  }

  notice(kind, text) {
    by("notice").className = `notice ${kind}`;
    by("notice").textContent = text;
  }

  typing(on, name) {
    const place = by("typing");
    if (!on) {
      place.replaceChildren();
      return;
    }
    const dots = element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    place.replaceChildren(dots, element("span", { class: "hidden" }, this.say("typing", { name: name || this.settings.name })));
  }
}
