// What the server says -> shared state. The only writer of store.js; what an event does to a row is in fold/, the mirror of stream/fold.
import { batch } from "@preact/signals";
import { advances, foldRow, touches, whole } from "./fold/index.js";
import * as store from "./store.js";

const TYPING_SECONDS = 8;
const KEPT_THREADS = 40;
const PREVIEW = 200;

/** Changes of one batch: maps are copied once, and every reader repaints once. */
class Draft {
  constructor() {
    this.changed = new Map();
    this.missing = new Set();
  }

  map(signal) {
    if (!this.changed.has(signal)) this.changed.set(signal, new Map(signal.peek()));
    return this.changed.get(signal);
  }

  peek(signal) {
    return this.changed.get(signal) ?? signal.peek();
  }

  set(signal, value) {
    this.changed.set(signal, value);
  }

  commit() {
    batch(() => this.changed.forEach((value, signal) => (signal.value = value)));
    return { missing: [...this.missing] };
  }
}

function change(write) {
  const draft = new Draft();
  write(draft);
  return draft.commit();
}

// --- the socket ---------------------------------------------------------------------------------------------------

/** A new beginning: everything that the snapshot knows better is replaced; open threads stay on screen and are read again. */
export function snapshot(frame) {
  change((draft) => {
    draft.set(store.conversations, index((frame.conversations || []).map(view)));
    draft.set(store.agents, index((frame.agents || []).map((row) => whole("agent", row))));
    draft.set(store.queues, frame.queues || []);
    draft.set(store.channels, index(frame.channels || []));
    draft.set(store.tags, frame.tags || []);
    draft.set(store.statuses, frame.statuses || []);
    draft.set(store.lists, new Map());
    draft.set(store.timelines, new Map());
    draft.set(store.contacts, new Map());
    draft.set(store.typing, new Map());
    draft.set(store.viewing, new Map());
    draft.set(store.settings, frame.settings || draft.peek(store.settings));
    if (frame.me) draft.map(store.agents).set(frame.me.id, whole("agent", frame.me));
    for (const [agent, connected] of Object.entries(frame.presence || {})) present(draft, { agent, connected: Boolean(connected) });
    const threads = draft.map(store.threads);
    threads.forEach((thread, id) => threads.set(id, { ...thread, state: "ready", stale: true }));
    draft.set(store.ready, true);
  });
}

/** Frames in order. Answers the conversations that must be asked for, because an event spoke of a row that is not here. */
export function frames(list) {
  return change((draft) => list.forEach((frame) => FRAMES[frame.t]?.(draft, frame)));
}

const FRAMES = {
  event: happened,
  typing: types,
  presence: (draft, { agents, ...one }) => Object.entries(agents ?? { [one.agent]: one.connected }).forEach(([agent, connected]) => present(draft, { agent, connected })),
  hours,
  viewing: (draft, frame) => draft.map(store.viewing).set(frame.conversation, frame.agents || []),
};

function types(draft, { conversation, who, on }) {
  const all = draft.map(store.typing);
  const here = new Map(all.get(conversation));
  const key = `${who.kind}:${who.id}`;
  if (on) here.set(key, { ...who, until: Date.now() / 1000 + TYPING_SECONDS });
  else here.delete(key);
  if (here.size) all.set(conversation, here);
  else all.delete(conversation);
}

function present(draft, { agent, connected }) {
  const row = draft.peek(store.agents).get(agent);
  if (row) draft.map(store.agents).set(agent, { ...row, connected });
}

/** The frame is whole: a queue that it does not name is open, an agent whom it does not name is on duty. */
function hours(draft, { queues = {}, agents = {} }) {
  draft.set(store.queues, draft.peek(store.queues).map((queue) => ({ ...queue, ...OPEN, ...queues[queue.id] })));
  draft.peek(store.agents).forEach((row, id) => draft.map(store.agents).set(id, { ...row, ...ON_DUTY, ...agents[id] }));
}

const OPEN = { closed: false, opens_at: 0, given: true };
const ON_DUTY = { off_duty: "", duty_until: 0 };

function happened(draft, frame) {
  const { event, at, content = {} } = frame;
  for (const key of touches(event)) {
    if (key[0] === "agent") agentRow(draft, key, event, at);
    else if (key[0] === "conversation") conversationRow(draft, frame);
    else if (key[0] === "message") messageRow(draft, key, event, at, content);
  }
  HOUSE[event.type]?.(draft, event, content);
}

function agentRow(draft, key, event, at) {
  const row = draft.peek(store.agents).get(key[1]);
  if (row || event.type === "agent.configured") draft.map(store.agents).set(key[1], foldRow(key, row, event, at));
}

function conversationRow(draft, { event, at, content = {}, conversation, gone }) {
  const id = event.conversation;
  const before = draft.peek(store.conversations).get(id);
  if (gone) {
    draft.map(store.conversations).delete(id);
    draft.map(store.threads).delete(id);
    countWaiting(draft, before, undefined);
  } else if (conversation) {
    keep(draft, conversation);
    if (!before) countWaiting(draft, undefined, draft.peek(store.conversations).get(id));
  } else if (!before) {
    draft.missing.add(id);
  } else if (event.version > before.version) {
    if (event.version > before.version + 1) draft.missing.add(id);
    const after = withPreview(foldRow(["conversation", id], before, event, at), event, content);
    draft.map(store.conversations).set(id, after);
    countWaiting(draft, before, after);
  }
}

function withPreview(row, event, content) {
  if (!("content" in event) || row.preview !== event.content) return row;
  const body = content[event.content];
  return { ...row, preview_text: body ? previewOf(body) : null };
}

function messageRow(draft, key, event, at, content) {
  if (event.type !== "message.note" && event.author?.kind === "contact") stopTyping(draft, event.conversation);
  const thread = draft.peek(store.threads).get(event.conversation);
  if (!thread) return;
  const known = thread.items.find((item) => item.id === event.message);
  const makes = "seq" in event;
  if (makes ? known : !known) return;
  if (event.type === "message.delivery" && !advances(known, event.delivery)) return;
  const after = foldRow(key, known, event, at);
  const unread = "content" in event && !content[event.content];
  if ("content" in event) after.content = content[event.content] ?? null;
  put(draft, event.conversation, [after], unread ? { stale: true } : {});
}

function stopTyping(draft, conversation) {
  const here = draft.peek(store.typing).get(conversation);
  if (!here) return;
  const left = new Map([...here].filter(([key]) => !key.startsWith("contact:")));
  if (left.size) draft.map(store.typing).set(conversation, left);
  else draft.map(store.typing).delete(conversation);
}

/** The number at each queue, moved on by what became of a row. Rows that are only now read were counted by the server. */
function countWaiting(draft, before, after) {
  const [was, is] = [waitsIn(before), waitsIn(after)];
  if (was === is) return;
  const step = (queue) => ({ ...queue, waiting: Math.max(0, (queue.waiting || 0) + (queue.id === is) - (queue.id === was)) });
  draft.set(store.queues, draft.peek(store.queues).map(step));
}

const waitsIn = (row) => (row && row.status === "open" && !row.assignee && !row.spam ? row.queue : "");

// --- what events mean beyond the rows of the fold -----------------------------------------------------------------

const HOUSE = {
  "contact.changed": (draft, event, content) => {
    const name = content[event.profile]?.name;
    if (name !== undefined) eachRow(draft, (row) => row.contact?.id === event.contact, (row) => ({ ...row, contact: { ...row.contact, name } }));
    draft.map(store.contacts).delete(event.contact);
  },
  "contacts.merged": (draft, event) => regroup(draft, event, event.contact),
  "contacts.unmerged": (draft, event) => regroup(draft, event, event.merged),
  "identity.blocked": (draft, event) => identity(draft, event, { blocked: event.blocked }),
  "identity.stopped": (draft, event) => identity(draft, event, { stopped: event.stopped }),
  "offer.ended": (draft, event) => {
    const mine = event.agent === draft.peek(store.session)?.me.id;
    if (mine && event.how === "recalled" && event.reason) draft.set(store.recalled, event);
  },
  "level.at_risk": alarm,
  "level.breached": alarm,
  "level.escalated": alarm,
  "content.erased": erased,
};

function alarm(draft, event) {
  if (event.told?.includes(draft.peek(store.session)?.me.id)) draft.set(store.alarm, event);
}

/** What is gone is asked for again, wherever it may have been shown. */
function erased(draft, event) {
  const gone = new Set(event.contents);
  const threads = draft.map(store.threads);
  threads.forEach((thread, id) => threads.set(id, { ...thread, stale: true }));
  draft.peek(store.conversations).forEach((row) => (gone.has(row.preview) || gone.has(row.about)) && draft.missing.add(row.id));
  draft.set(store.contacts, new Map());
  draft.set(store.timelines, new Map());
}

function regroup(draft, event, owner) {
  const moved = (row) => event.identities.includes(row.identity);
  draft.peek(store.conversations).forEach((row) => moved(row) && draft.missing.add(row.id));
  eachRow(draft, moved, (row) => ({ ...row, contact: { ...row.contact, id: owner } }));
  for (const id of [event.contact, event.merged]) {
    draft.map(store.contacts).delete(id);
    draft.map(store.timelines).delete(id);
  }
}

function identity(draft, event, changes) {
  const contacts = draft.peek(store.contacts);
  contacts.forEach((contact, id) => {
    if (!contact.identities?.some((one) => one.id === event.identity)) return;
    const identities = contact.identities.map((one) => (one.id === event.identity ? { ...one, ...changes } : one));
    draft.map(store.contacts).set(id, { ...contact, identities });
  });
}

function eachRow(draft, which, change) {
  draft.peek(store.conversations).forEach((row, id) => which(row) && draft.map(store.conversations).set(id, change(row)));
}

// --- answers of the API -------------------------------------------------------------------------------------------

/** Rows of a list, a verb's answer, or the state that a 409 carries. Older versions than ours are not news. */
export const rows = (list) => change((draft) => list.filter(Boolean).forEach((row) => keep(draft, row)));

/** A row that we may no longer see, or that never was. */
export const lost = (id) => change((draft) => draft.map(store.conversations).delete(id));

function keep(draft, row) {
  const known = draft.peek(store.conversations).get(row.id);
  if (known && (row.version || 0) < known.version) return;
  const after = view(row);
  draft.map(store.conversations).set(row.id, after);
  if (known) countWaiting(draft, known, after);
  else forgetTimeline(draft, after);
}

/** A conversation that its contact's timeline does not have yet: the timeline is read again. */
function forgetTimeline(draft, row) {
  const timeline = draft.peek(store.timelines).get(row.contact.id);
  if (timeline?.state === "ready" && !timeline.items.some((entry) => entry.conversation.id === row.id)) draft.map(store.timelines).delete(row.contact.id);
}

const view = (row) => ({ subject: "", address: "", preview_text: "", contact: { id: "", name: "", avatar: "" }, ...whole("conversation", row) });

/** One page of a server's list. `next` is the cursor of the following one; below `floor` the list has not been read yet. */
export function list(key, { items, next }, state = "ready") {
  change((draft) => {
    items.forEach((row) => keep(draft, row));
    const floor = next && items.length ? items[items.length - 1].updated_at || 0 : 0;
    draft.map(store.lists).set(key, { next: next || "", floor: next ? floor : 0, state });
  });
}

export function listState(key, state) {
  change((draft) => draft.map(store.lists).set(key, { next: "", floor: 0, ...draft.peek(store.lists).get(key), state }));
}

/** Messages of a thread. `fresh`: this is the newest page, and the thread is no longer stale. */
export function page(id, { items, more }, fresh) {
  change((draft) => {
    const thread = draft.peek(store.threads).get(id);
    const gap = fresh && thread?.items.length && items.length && thread.items.at(-1).seq + 1 < (items[0].seq || 0);
    if (gap) draft.map(store.threads).set(id, { ...thread, items: [] });
    const older = !fresh || gap || !thread?.items.length || items[0]?.seq <= thread.items[0].seq;
    put(draft, id, items.map((item) => whole("message", item)), { state: "ready", ...(fresh && { stale: false }), ...(older && { more }) });
  });
}

export function threadState(id, state) {
  change((draft) => put(draft, id, [], { state }));
}

/** A message that the API answered with (our own reply or note). */
export function message(item) {
  change((draft) => draft.peek(store.threads).has(item.conversation) && put(draft, item.conversation, [whole("message", item)], {}));
}

function put(draft, id, items, changes) {
  const threads = draft.map(store.threads);
  const thread = threads.get(id) ?? { items: [], more: false, state: "loading", stale: false };
  const byId = new Map(thread.items.map((item) => [item.id, item]));
  items.forEach((item) => byId.set(item.id, newer(byId.get(item.id), item)));
  const sorted = items.length ? [...byId.values()].sort((a, b) => a.seq - b.seq) : thread.items;
  threads.delete(id);
  threads.set(id, { ...thread, items: sorted, ...changes });
  if (threads.size > KEPT_THREADS) threads.delete(threads.keys().next().value);
}

/** An answer may be older than what the socket has said meanwhile: a delivery report is never taken back by it. */
function newer(known, item) {
  if (!known || known.delivery === item.delivery || advances(known, item.delivery)) return item;
  return { ...item, delivery: known.delivery, error: known.error };
}

export const session = (value) => change((draft) => draft.set(store.session, value));
export const settings = (value) => change((draft) => draft.set(store.settings, value));
export const line = (value) => change((draft) => draft.set(store.line, value));
export const contact = (value) => change((draft) => draft.map(store.contacts).set(value.id, value));
export const agents = (items) => change((draft) => items.forEach((row) => draft.map(store.agents).set(row.id, whole("agent", row))));
export const queues = (items) => change((draft) => draft.set(store.queues, items));
export const channels = (items) => change((draft) => draft.set(store.channels, index(items)));
export const canned = (source, items) => change((draft) => draft.set(store.canned, { source, items }));

export const timeline = (id, value) => change((draft) => draft.map(store.timelines).set(id, value));

/** Forget who is typing once their last sign is too old. */
export function quiet(now) {
  const all = store.typing.peek();
  if (![...all.values()].some((here) => [...here.values()].some((who) => who.until < now))) return;
  change((draft) => {
    const kept = [...all].map(([id, here]) => [id, new Map([...here].filter(([, who]) => who.until >= now))]);
    draft.set(store.typing, new Map(kept.filter(([, here]) => here.size)));
  });
}

/** Signed out: nothing of what was said stays in memory. */
export function forget() {
  change((draft) => {
    for (const name of ["conversations", "threads", "agents", "channels", "contacts", "timelines", "lists", "typing", "viewing"]) {
      draft.set(store[name], new Map());
    }
    draft.set(store.queues, []);
    draft.set(store.tags, []);
    draft.set(store.settings, {});
    draft.set(store.alarm, null);
    draft.set(store.recalled, null);
    draft.set(store.ready, false);
    draft.set(store.session, null);
  });
}

function previewOf(body) {
  const text = (body.text || "").replace(/\s+/g, " ").trim().slice(0, PREVIEW);
  return text || body.attachments?.map((file) => file.name).join(", ") || "";
}

const index = (items) => new Map(items.map((item) => [item.id, item]));
