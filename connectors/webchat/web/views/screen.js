/* All that is visible, as one: it knows the parts, scrolls, and hands what the visitor does to the chat. */

import { agent } from "../history.js";
import { reconcile } from "../dom.js";
import { Uploads } from "../uploads.js";
import { Composer } from "./composer.js";
import { EmailCard } from "./email.js";
import { Head } from "./head.js";
import { Messages, rowsOf } from "./messages.js";

const by = (id) => document.getElementById(id);
const NEAR_END = 80;
const PATIENCE = 20;

export class Screen {
  constructor({ settings, keep, words, onclose }) {
    Object.assign(this, { settings, keep, words });
    this.missed = false;
    this.stick = true;
    by("close").addEventListener("click", onclose);
    by("close").hidden = window.parent === window;
  }

  /** Build the parts around the chat that they act on. */
  use(chat) {
    const { settings, words } = this;
    const { say, tag } = words;
    this.chat = chat;
    this.head = new Head({ say, settings });
    const retry = (client) => chat.retry(client);
    const discard = (client) => chat.discard(client);
    this.messages = new Messages({ tag, say, name: settings.name, acts: { retry, discard, refresh: () => chat.refresh() } });
    this.uploads = new Uploads({ pass: () => chat.upload, onchange: (files) => this.composer.tray(files), onrefused: (code, name) => this.refused(code, name) });
    const acts = { send: (text, files) => chat.write(text, files), typing: (on) => chat.typing.writes(on), draft: (text) => this.keep.set("draft", text) };
    this.composer = new Composer({ tag, say, accept: settings.files ? settings.accept : [], acts, uploads: this.uploads });
    this.composer.write(this.keep.get("draft") ?? "");
    this.card = new EmailCard({ say, place: by("foot"), acts: { save: (email) => chat.about(email), later: () => this.later() } });
    this.listen();
    document.querySelector(".chat").hidden = false;
  }

  listen() {
    const { say } = this.words;
    by("older").textContent = say("older");
    by("older").addEventListener("click", () => this.chat.older());
    by("newer").addEventListener("click", () => this.toEnd("smooth"));
    by("scroll").addEventListener("scroll", () => {
      this.stick = this.atEnd();
      if (this.stick && this.missed) this.missed = false;
      this.newer();
      if (this.stick) this.chat.look();
    }, { passive: true });
    by("log").addEventListener("load", () => this.stick && this.toEnd(), true);
    new ResizeObserver(() => this.stick && this.toEnd()).observe(by("scroll"));
  }

  // --- what the chat asks for --------------------------------------------------------------------------------------

  paint() {
    const { history, somebody } = this.chat;
    const scroll = by("scroll");
    const [first, height] = [history.items[0]?.n, scroll.scrollHeight];
    const [count, from] = [history.items.length, scroll.scrollTop];
    reconcile(by("log"), rowsOf(history, this.settings.greeting), this.messages.render);
    by("older").hidden = !history.more;
    if (this.first !== undefined && first < this.first) scroll.scrollTop = from + scroll.scrollHeight - height;
    else if (this.stick) this.toEnd();
    else if (count > (this.count ?? 0) && history.items.at(-1)?.dir === "out") this.missed = true;
    this.first = first;
    this.count = count;
    this.newer();
    this.head.people(agent(history), somebody);
    this.ask();
  }

  line(state, sentence) {
    this.head.line(state, sentence);
    if (state === "ready") setTimeout(() => by("log").removeAttribute("aria-busy"), 500); // the history is not read out
  }

  limits(limits) {
    this.composer.bound(limits);
  }

  typing(on, name) {
    this.head?.typing(on, name);
    if (this.stick) this.toEnd();
  }

  /** The visitor has written: their message is what they look at. */
  sent() {
    this.stick = true;
    this.toEnd();
  }

  blocked() {
    this.composer.block();
  }

  thanked(email) {
    this.card.thank(email);
    this.composer.focus();
  }

  focus() {
    this.stick = true;
    this.toEnd();
    this.composer.focus();
  }

  // --- where one looks ---------------------------------------------------------------------------------------------

  atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = by("scroll");
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  toEnd(behavior = "instant") {
    by("scroll").scrollTo({ top: by("scroll").scrollHeight, behavior });
  }

  newer() {
    by("newer").hidden = this.stick || this.atEnd();
    by("newer").classList.toggle("fresh", this.missed);
    by("newer-text").textContent = this.words.say(this.missed ? "newer" : "jump");
  }

  refused(code, name) {
    if (code === "pass") this.chat.line.connect();
    this.composer.refused(code, name);
  }

  // --- the e-mail card ---------------------------------------------------------------------------------------------

  /** Ask when nobody is there, or when nobody has answered for a while; never twice. */
  ask() {
    const { history, person, somebody } = this.chat;
    const wrote = history.items.filter((item) => item.dir === "in").at(-1);
    const known = person.user || person.email || this.keep.get("email") || this.keep.get("email-later");
    if (!this.settings.ask_email || known || !wrote || agent(history)) {
      if (!this.keep.get("email")) this.card.hide();
      return;
    }
    const waited = Date.now() / 1000 - wrote.at;
    if (!somebody || waited > PATIENCE) {
      this.card.show();
      if (this.stick) this.toEnd();
      return;
    }
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.ask(), (PATIENCE - waited + 1) * 1000);
  }

  later() {
    this.keep.set("email-later", true);
    this.card.hide();
    this.composer.focus();
  }
}
