/* The list of messages: rows from the state (pure), and an element for each row. */

import { element, icon, linked } from "../dom.js";
import { clock, dayName, dayOf, sized } from "../time.js";

const TOGETHER = 300;

/** What the list shows, from top to bottom: days, messages in groups, what waits to be sent. */
export function rowsOf(history, greeting) {
  const ours = history.items.filter((item) => item.dir === "out" && item.author && !item.automatic);
  const answered = Math.max(history.readByAgent, ours.at(-1)?.n ?? 0); // who has answered has read
  const all = [...history.items.map(shown), ...history.pending.map(waiting)];
  const rows = [];
  const status = statusPlace(history, all);
  all.forEach((one, place) => {
    const [before, after] = [all[place - 1], all[place + 1]];
    if (!before || dayOf(before.at) !== dayOf(one.at)) rows.push(row({ kind: "day", key: `day-${one.key}`, at: one.at, today: dayOf(Date.now() / 1000) }));
    const first = !joins(before, one);
    const last = !joins(one, after);
    rows.push(row({ ...one, kind: "message", first, last, status: place === status ? one.status : one.problem ?? "" }));
  });
  const hello = row({ kind: "message", key: "greeting", dir: "out", text: greeting, author: "", first: true, last: true });
  if (greeting && !history.more) rows.splice(1, 0, hello);
  return rows;

  function shown(item) {
    const mine = item.dir === "in";
    const seen = mine && (item.n <= answered || item.state === "read");
    return { ...item, key: mine && item.client ? item.client : item.id, status: mine ? (seen ? "seen" : "sent") : "" };
  }
}

function waiting(one) {
  const problem = one.state === "failed" || one.state === "slow" ? one.state : undefined;
  return { ...one, dir: "in", key: one.client, status: one.state, problem, error: one.error };
}

function statusPlace(history, all) {
  for (let place = all.length - 1; place >= 0; place -= 1) if (all[place].dir === "in") return place;
  return -1;
}

function joins(one, next) {
  if (!one || !next) return false;
  const same = one.dir === next.dir && (one.author ?? "") === (next.author ?? "") && !one.automatic === !next.automatic;
  return same && dayOf(one.at) === dayOf(next.at) && next.at - one.at < TOGETHER && !one.problem;
}

/* The mark says when a row must be drawn again; links expire and change without need. */
function row(facts) {
  const files = (facts.files ?? []).map((file) => file.id ?? file.name);
  return { ...facts, mark: JSON.stringify({ ...facts, files }) };
}

/** Draws rows. `acts` has retry(client), discard(client) and refresh() for links that are too old. */
export class Messages {
  constructor({ tag, say, name, acts }) {
    Object.assign(this, { tag, say, name, acts });
    this.render = this.render.bind(this);
  }

  render(one) {
    return one.kind === "day" ? this.day(one) : this.message(one);
  }

  day(one) {
    return element("li", { class: "day" }, element("span", {}, dayName(one.at, this.tag, this.say)));
  }

  message(one) {
    const mine = one.dir === "in";
    const author = mine ? this.say("you") : one.automatic ? this.say("automatic") : one.author || this.name;
    const classes = ["message", mine ? "mine" : "theirs", one.first && "first", one.last && "last", one.automatic && "automatic", one.status === "failed" && "failed"];
    return element(
      "li",
      { class: classes.filter(Boolean).join(" ") },
      element("span", { class: !mine && one.first && one.key !== "greeting" ? "author" : "hidden" }, author),
      one.text ? element("div", { class: "bubble", dir: "auto" }, linked(one.text)) : null,
      ...(one.files ?? []).map((file) => this.file(file)),
      this.foot(one),
    );
  }

  foot(one) {
    if (one.status === "failed") return this.failure(one);
    if (!one.last && !one.status) return null;
    const time = one.at ? element("time", { datetime: new Date(one.at * 1000).toISOString() }, clock(one.at, this.tag)) : null;
    const status = one.status ? element("span", { class: "status" }, this.say(one.status)) : null;
    return time || status ? element("p", { class: "meta" }, time, status) : null;
  }

  failure(one) {
    const retry = element("button", { type: "button", onclick: () => this.acts.retry(one.client) }, this.say("retry"));
    const discard = element("button", { type: "button", onclick: () => this.acts.discard(one.client) }, this.say("discard"));
    const why = [this.say("failed"), one.error].filter(Boolean).join(": ");
    return element("p", { class: "meta problem" }, element("span", { class: "status" }, why), retry, discard);
  }

  file(file) {
    const facts = { name: file.name, size: sized(file.size, this.tag) };
    if (!file.url) return element("div", { class: "file" }, icon("file"), this.label(facts));
    const link = { href: file.url, target: "_blank", rel: "noopener", onclick: (event) => this.follow(event, file) };
    if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) {
      const image = element("img", { src: file.url, alt: this.say("image", facts), loading: "lazy", decoding: "async" });
      return element("a", { class: "picture", ...link }, image);
    }
    return element("a", { class: "file", download: file.name, "aria-label": this.say("openFile", facts), ...link }, icon("file"), this.label(facts));
  }

  label({ name, size }) {
    return element("span", { class: "name" }, element("b", { dir: "auto" }, name), element("small", {}, size));
  }

  /* The links are good for a day: the expiry stands in the middle of the proof. */
  follow(event, file) {
    const expires = Number(file.url.split("p=")[1]?.split(".")[1]);
    if (expires * 1000 > Date.now()) return;
    event.preventDefault();
    this.acts.refresh();
  }
}
