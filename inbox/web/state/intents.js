// What a person can do to conversations. Each verb asks the server, applies the answer, and says what went wrong in words.
import { post } from "../lib/api.js";
import * as time from "../lib/time.js";
import { now } from "../lib/clock.js";
import { focusOn } from "../lib/focus.js";
import { plural } from "../lib/text.js";
import * as apply from "./apply.js";
import { go } from "./navigate.js";
import { agentName, contactName, me, queueName, rows } from "./select.js";
import * as store from "./store.js";
import * as ui from "./ui.js";

const path = (id, verb) => `/conversations/${encodeURIComponent(id)}/${verb}`;
const rowOf = (id) => store.conversations.peek().get(id);
const nameOf = (id) => contactName(rowOf(id));

/** Ask for `verb` on conversation `id`; answers the new row, or null when it was refused (and said so by `say`). */
async function ask(id, verb, body = {}, say = refused) {
  try {
    const answer = await post(path(id, verb), body);
    apply.rows([answer.conversation]);
    return answer.conversation ?? rowOf(id);
  } catch (error) {
    apply.rows([error.conversation]);
    if (error.status === 404) apply.lost(id);
    say(error);
    return null;
  }
}

const refused = (error) => ui.toast(error.message, { tone: "bad" });

/** The same, guarded by the version on screen: if only something harmless changed meanwhile, ask again by itself. */
async function askGuarded(id, verb, body = {}) {
  const before = rowOf(id);
  if (!before) return ask(id, verb, body);
  try {
    const answer = await post(path(id, verb), { ...body, version: before.version });
    apply.rows([answer.conversation]);
    return answer.conversation ?? rowOf(id);
  } catch (error) {
    apply.rows([error.conversation]);
    if (error.code === "version" && sameToPeople(before, rowOf(id))) return ask(id, verb, body);
    refused(error);
    return null;
  }
}

const WEIGHTY = ["last_customer_at", "assignee", "status", "queue"];
const sameToPeople = (a, b) => a && b && WEIGHTY.every((field) => a[field] === b[field]);

/** Do `verb` to each of `ids`, then say so once, with a way back. */
async function each(ids, verb, done, undo) {
  const results = await Promise.all(ids.map(async (id) => ((await verb(id)) ? id : null)));
  const changed = results.filter(Boolean);
  if (!changed.length) return changed;
  ui.selected.value = new Set();
  const text = done(changed.length === 1 ? nameOf(changed[0]) : plural(changed.length, "conversation"));
  const about = changed.join(" ");
  if (undo) offerUndo(text, () => Promise.all(changed.map(undo)), about);
  else ui.toast(text, { about });
  return changed;
}

function offerUndo(text, run, about) {
  const step = { label: text, run };
  ui.undoable.value = step;
  ui.toast(text, { about, action: { label: "Undo", keys: "z", run: () => undo(step) } });
}

/** Take back the last thing done, if it can be. */
export async function undo(step = ui.undoable.peek()) {
  if (!step) return;
  ui.undoable.value = null;
  ui.toasts.value = ui.toasts.value.filter((toast) => toast.text !== step.label);
  await step.run();
  ui.toast("Undone.");
}

// --- whose it is --------------------------------------------------------------------------------------------------

export const accept = (row) => ask(row.id, "accept", { offer: row.offer.id }, late(row)).then((taken) => taken && begin(row.id));
export const decline = (row) => ask(row.id, "decline", { offer: row.offer.id }, late(row));

/** The messages come up, and the keyboard goes to them: the button that was pressed is gone. */
function begin(id) {
  if (ui.route.peek().conversation === id) focusOn("#thread");
  else ui.arriving.value = id;
  open(id, "mine");
}

/** The answer came too late: the page says once how the offer ended, whether the refusal or the event comes first. */
const late = ({ offer }) => (error) => {
  if (error.code !== "offer_over") return refused(error);
  if (store.recalled.peek()?.offer !== offer.id) ui.toast(error.message, { about: offer.id });
};

const above = (override) => (override ? ", above the capacity" : "");

export const take = (ids, override = false) =>
  each(ids, (id) => askGuarded(id, "take", override ? { override } : {}), (what) => `Yours now${above(override)}: ${what}`);

export const assign = (ids, agent, { override = false, reason = "" } = {}) =>
  each(ids, (id) => askGuarded(id, "assign", { agent, ...(override && { override }), ...(reason && { reason }) }), (what) => `${what} → ${agentName(agent)}${above(override)}`);

export const transfer = (ids, queue, reason = "") => {
  const body = { ...(queue && { queue }), ...(reason && { reason }) };
  return each(ids, (id) => askGuarded(id, "transfer", body), (what) => `${what} → ${queue ? queueName(queue) : "routing"}`);
};

// --- its life -----------------------------------------------------------------------------------------------------

/** Done. When it was the one on screen, the next one in the list comes up. */
export async function resolve(ids) {
  const next = after(ids);
  const mine = ids.filter((id) => rowOf(id)?.assignee === me.peek()?.id);
  const changed = await each(ids, (id) => askGuarded(id, "resolve"), (what) => `Done: ${what}`, (id) => backFromDone(id, mine.includes(id)));
  if (changed.includes(ui.route.peek().conversation)) go({ conversation: ui.narrow.peek() ? "" : next });
}

/** Open again, and with whoever had it: routing would offer it around. */
async function backFromDone(id, mine) {
  const row = await ask(id, "reopen");
  return row && mine && row.assignee !== me.peek()?.id ? ask(id, "take") : row;
}

export const reopen = (ids) => each(ids, (id) => ask(id, "reopen"), (what) => `Open again: ${what}`);

export async function snooze(ids, until) {
  const next = after(ids);
  const changed = await each(
    ids,
    (id) => ask(id, "snooze", { until }),
    (what) => `Until ${time.until(until, now())}: ${what}`,
    (id) => ask(id, "wake"),
  );
  if (changed.includes(ui.route.peek().conversation)) go({ conversation: ui.narrow.peek() ? "" : next });
}

export const wake = (ids) => each(ids, (id) => ask(id, "wake"), (what) => `Awake: ${what}`);

/** The row that follows the open one in the list, once `ids` have left it. */
function after(ids) {
  const list = rows.peek();
  const at = list.findIndex((row) => row.id === ui.route.peek().conversation);
  const rest = [...list.slice(at + 1), ...list.slice(0, Math.max(0, at)).reverse()];
  return rest.find((row) => !ids.includes(row.id))?.id ?? "";
}

// --- what is written on it ----------------------------------------------------------------------------------------

export function tag(ids, add, remove) {
  const words = [...add.map((name) => `+${name}`), ...remove.map((name) => `−${name}`)].join(" ");
  return each(ids, (id) => ask(id, "tags", { add, remove }), (what) => `${what}: ${words}`, (id) => ask(id, "tags", { add: remove, remove: add }));
}

export function prioritise(ids, priority) {
  const before = new Map(ids.map((id) => [id, rowOf(id)?.priority ?? 0]));
  const back = (id) => ask(id, "priority", { priority: before.get(id) });
  return each(ids, (id) => ask(id, "priority", { priority }), (what) => `${what}: ${priorityName(priority)}.`, back);
}

export const PRIORITIES = [[0, "Normal"], [3, "Raised"], [6, "High"], [9, "Urgent"]];
export const priorityName = (value) => PRIORITIES.findLast(([from]) => value >= from)?.[1] ?? "Normal";

export const markSpam = (ids, spam) =>
  each(ids, (id) => ask(id, "spam", { spam }), (what) => `${spam ? "Spam" : "Not spam"}: ${what}`, (id) => ask(id, "spam", { spam: !spam }));

/** Quietly: reading is not news to the reader. */
export async function markRead(id, seq) {
  try {
    apply.rows([(await post(path(id, "read"), { seq })).conversation]);
  } catch (error) {
    if (error.conversation) apply.rows([error.conversation]);
  }
}

/** A customer's message into another conversation of theirs, or (without `to`) into one of its own. */
export const move = (id, message, to) => ask(id, "move", { message, ...(to && { to }) });
/** Send a failed or unknown message again, or give it up. */
export const retry = (id, message) => ask(id, "retry", { message });
export const discard = (id, message) => ask(id, "retry", { message, discard: true });

// --- where the person looks ---------------------------------------------------------------------------------------

/** Put `id` on screen. */
export function open(id, view = ui.route.peek().view) {
  if (view !== "search" && view !== ui.route.peek().view) ui.search.value = null;
  go({ view, conversation: id }, { replace: Boolean(ui.route.peek().conversation) && !ui.narrow.peek() });
}

export const leave = () => go({ conversation: "" });

/** Step through the list; past an end it stays. */
export function step(by) {
  const list = rows.peek();
  if (!list.length) return;
  const at = list.findIndex((row) => row.id === ui.route.peek().conversation);
  const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by));
  open(list[next].id);
}

/** The next conversation in the list with something new. */
export function nextUnread() {
  const list = rows.peek();
  const at = list.findIndex((row) => row.id === ui.route.peek().conversation);
  const next = [...list.slice(at + 1), ...list.slice(0, at + 1)].find((row) => row.unread > 0);
  if (next) open(next.id);
  else ui.toast("Nothing unread here.");
}

export function select(id) {
  const next = new Set(ui.selected.peek());
  if (!next.delete(id)) next.add(id);
  ui.selected.value = next;
}

/** What a verb means now: the picked ones, else the one on screen. */
export function targets() {
  if (ui.selected.peek().size) return [...ui.selected.peek()];
  return ui.route.peek().conversation ? [ui.route.peek().conversation] : [];
}
