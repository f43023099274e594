/* The chat: what happens when the server, the visitor or the embedding page says something. State is `history`'s, pictures are `views/`'. */

import * as history from "./history.js";
import { Line } from "./line.js";
import { Outbox } from "./outbox.js";
import { Seen } from "./seen.js";
import { Typing } from "./typing.js";

export class Chat {
  /** `view` draws: `paint()`, `line(state, sentence)`, `limits(limits)`, `typing(on, name)`, `sent()`, `blocked()`, `thanked(email)`. */
  constructor({ keep, view, onunread }) {
    Object.assign(this, { keep, view, onunread });
    this.person = {};
    this.page = "";
    this.language = "";
    this.history = history.fresh();
    this.shown = false;
    this.somebody = true;
    this.upload = "";
    const url = new URL("socket", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const reactions = { greet: () => this.greet(), onframe: (frame) => this.take(frame), onstate: (state) => this.moved(state) };
    this.line = new Line(url.href, reactions);
    const send = (frame) => this.line.send(frame);
    this.outbox = new Outbox(keep, { send, onchange: (client, facts) => this.change(history.changed(this.history, client, facts)) });
    this.typing = new Typing(send, (on, name) => view.typing(on, name));
    this.seen = new Seen(keep, send);
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("storage", (event) => this.elsewhere(event));
  }

  // --- the embedding page ------------------------------------------------------------------------------------------

  /** Whose chat it is, from now on. Without a visitor or anything to say, no line is opened before somebody opens the chat. */
  begin(person = {}, open = false) {
    this.person = person;
    this.outbox.stop();
    this.seen.reset();
    this.history = { ...history.fresh(), pending: this.outbox.load(person.user ?? "") };
    this.shown = open;
    const known = person.user || this.keep.get("token") || this.history.pending.length > 0;
    if (known || open || this.line.begun) this.line.connect();
    this.view.paint();
  }

  open(page) {
    this.page = page || this.page;
    this.shown = true;
    if (this.line.begun) this.line.wake();
    else this.line.connect();
    this.look();
  }

  close() {
    this.shown = false;
    this.typing.stop();
    this.look();
  }

  /** Another window has got a visitor while we have said nothing yet: be the same one. */
  elsewhere(event) {
    const token = event.key === `${this.keep.prefix}token` && event.newValue;
    if (token && !this.person.user && this.history.items.length === 0 && this.history.pending.length === 0) this.line.connect();
  }

  // --- the visitor -------------------------------------------------------------------------------------------------

  write(text, files) {
    const client = crypto.randomUUID();
    const message = { client, text, files, page: this.page, at: Date.now() / 1000, state: "sending" };
    this.change(history.queued(this.history, message));
    this.typing.stop();
    this.outbox.add(message);
    if (!this.line.begun) this.line.connect();
    this.view.sent();
  }

  retry(client) {
    this.outbox.retry(client);
  }

  discard(client) {
    this.outbox.remove(client);
    this.change(history.dropped(this.history, client));
  }

  about(email) {
    this.keep.set("email", email);
    this.line.send({ t: "about", name: this.person.name ?? "", email });
    this.write(this.view.words.say("emailIs", { email }), []); // so that whoever answers sees it in the conversation
    this.view.thanked(email);
  }

  older() {
    this.line.send({ t: "older", have: this.history.items.length });
  }

  /** Start again with the newest items: links have become too old. */
  refresh() {
    this.history = { ...this.history, items: [], n: 0, last: "" };
    this.line.connect();
  }

  /** Something may have come into view: report it, and count what has not. */
  look(reading = this.view.atEnd()) {
    const visible = this.shown && !document.hidden;
    if (visible) this.line.wake();
    this.seen.report(this.history, visible && reading);
    this.onunread(this.seen.unread(this.history));
  }

  // --- the server --------------------------------------------------------------------------------------------------

  greet() {
    const { user, signature = "", name = "", email = "" } = this.person;
    const token = this.keep.get("token");
    this.used = token;
    const who = user ? { identity: { user: String(user), signature: String(signature) } } : token ? { token } : {};
    const claims = { name: String(name).slice(0, 120), email: String(email || this.keep.get("email") || "").slice(0, 254) };
    const where = this.history.n ? { t: "resume", n: this.history.n, id: this.history.last } : { t: "start" };
    return { ...where, ...who, ...claims, language: this.language, page: this.page };
  }

  take(frame) {
    const reaction = this[`on_${frame.t}`];
    if (reaction) reaction.call(this, frame);
  }

  on_hello({ limits }) {
    this.view.limits(limits);
  }

  on_started(frame) {
    if (!this.welcome(frame)) return;
    const begun = history.started(this.history, frame.items, frame.more);
    this.change(history.readByAgent(begun, this.seen.readByAgent(begun)));
    this.go();
  }

  on_resumed(frame) {
    if (this.welcome(frame)) this.go();
  }

  /** Keep what the server gave us; false when another window of this browser was quicker and we must be its visitor. */
  welcome(frame) {
    const there = this.keep.get("token");
    if (frame.token && there && there !== this.used) {
      this.line.connect();
      return false;
    }
    if (frame.token) this.keep.set("token", frame.token);
    this.upload = frame.pass;
    this.somebody = frame.open;
    this.seen.begin(frame.visitor);
    return true;
  }

  go() {
    this.outbox.begin(this.history.items.map((item) => item.client).filter(Boolean));
    this.view.line("ready");
    this.view.paint();
    this.look();
  }

  on_items({ items }) {
    if (items.some((item) => item.dir === "out")) this.typing.gone();
    for (const item of items) if (item.client) this.outbox.arrived(item.client);
    this.change(history.settle(this.history, items));
  }

  on_older({ items, more }) {
    this.change(history.older(this.history, items, more));
  }

  on_ack(ack) {
    this.outbox.take(ack);
    if (ack.ok && ack.n <= this.history.n) this.change(history.dropped(this.history, ack.client));
  }

  on_typing({ on, name }) {
    this.typing.sign(on, name || history.agent(this.history));
    if (on) this.on_read({ n: this.history.n }); // who answers has read
  }

  on_read({ n }) {
    if (n > this.history.readByAgent) this.seen.byAgent(n);
    this.change(history.readByAgent(this.history, n));
  }

  on_beat({ open }) {
    if (open === this.somebody) return;
    this.somebody = open;
    this.view.paint();
  }

  on_refused({ code, message }) {
    if (code === "token") this.keep.drop("token");
    this.refusal = code === "token" ? "" : message;
    if (code === "identity") this.view.blocked();
  }

  moved(state) {
    if (state === "connecting") this.refusal = "";
    this.outbox.stop();
    this.typing.gone();
    this.view.line(state, this.refusal);
  }

  change(next) {
    this.history = next;
    this.view.paint();
    this.look();
  }
}
