// What only this tab knows: where the person is, what is open, what they are about to say. Views read it, intents write it.
import { signal } from "@preact/signals";

/** {view: "mine" | "unassigned" | ... | "queue:<id>" | "search" | "floor", conversation: id or ""}; kept in the address bar. */
export const route = signal({ view: "mine", conversation: "" });
/** The open dialog: {kind, ...} or null. */
export const dialog = signal(null);
/** [{id, text, tone, action: {label, run}}] */
export const toasts = signal([]);
/** Said to screen readers, politely. */
export const announcement = signal("");
/** Conversations picked for one verb together. */
export const selected = signal(new Set());
/** Conversation id -> "reply" | "note". */
export const modes = signal(new Map());
/** "<conversation>:<mode>" -> {text, sinceSeq}. */
export const drafts = signal(new Map());
/** Conversation id -> {cc, bcc}: who else gets the reply, once the person has changed it. */
export const copies = signal(new Map());
/** "<conversation>:<mode>" -> [{key, name, size, progress, error, attachment, cancel}]. */
export const uploads = signal(new Map());
/** The email to somebody that was begun and not sent: {message, channel, to, name, subject, text, cc, bcc} or null. */
export const letter = signal(null);
/** Message id -> a message of ours that the server has not echoed yet. */
export const outbox = signal(new Map());
/** The line between read and new in the open thread: {conversation, seq of the last read message, or -1}. */
export const divider = signal({ conversation: "", seq: -1 });
/** The conversation whose messages take the keyboard once they are there, or "". */
export const arriving = signal("");
/** {q, items, next, state}: the search that the list shows, or null. */
export const search = signal(null);
/** Why the door is shown: a sentence, or nothing. */
export const door = signal("");
/** Is the contact panel shown beside (or, on small screens, over) the thread? */
export const panel = signal(window.innerWidth >= 1200);
/** Is the navigation drawn out on small screens? */
export const nav = signal(false);
/** Are quoted texts shown? */
export const expanded = signal(false);
/** The last thing done that can be undone: {label, run} or null. */
export const undoable = signal(null);
/** Is there room for one pane only? */
export const narrow = signal(window.innerWidth < 760);

const query = window.matchMedia("(max-width: 759px)");
query.addEventListener("change", (event) => (narrow.value = event.matches));
narrow.value = query.matches;

let toastId = 0;

/** Say something for some seconds; with an action it stays a little longer. What was said `about` the same thing before makes way. */
export function toast(text, { tone = "plain", action = null, seconds = action ? 9 : 5, about = "" } = {}) {
  const id = ++toastId;
  const others = toasts.value.filter((one) => !about || one.about !== about);
  toasts.value = [...others.slice(-3), { id, text, tone, action, about }];
  announcement.value = text;
  setTimeout(() => dismiss(id), seconds * 1000);
  return id;
}

export const dismiss = (id) => (toasts.value = toasts.value.filter((one) => one.id !== id));

/** A copy of the map in `signal` with `key` set, or taken out when `value` is undefined. */
export function put(signal, key, value) {
  const next = new Map(signal.peek());
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  signal.value = next;
}

/** Everything of one person goes when they sign out. */
export function forget() {
  dialog.value = null;
  toasts.value = [];
  selected.value = new Set();
  search.value = null;
  undoable.value = null;
  letter.value = null;
  divider.value = { conversation: "", seq: -1 };
  for (const map of [modes, drafts, copies, uploads, outbox]) map.value = new Map();
}
