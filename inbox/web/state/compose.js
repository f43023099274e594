// Writing: drafts, attachments, and sending with an id that the page invents, so that a repeat is harmless and nothing is lost silently.
import { effect } from "@preact/signals";
import { post, upload } from "../lib/api.js";
import { bytes } from "../lib/text.js";
import { messageId } from "../lib/ids.js";
import { now } from "../lib/clock.js";
import * as apply from "./apply.js";
import { copiesBody, copiesOf, forgetCopies, restoreCopies, wrongIn } from "./copies.js";
import { resolve } from "./intents.js";
import { send as tell } from "./live.js";
import { channelOf } from "./select.js";
import * as store from "./store.js";
import * as ui from "./ui.js";

const TYPING_EVERY_MS = 3000;
const TYPING_ENDS_MS = 5000;
const MOST_FILES = 10;
const MOST_BYTES = 25 * 1024 * 1024;

const slot = (conversation, mode) => `${conversation}:${mode}`;
export const modeOf = (conversation) => ui.modes.value.get(conversation) ?? "reply";
export const draftOf = (conversation, mode) => ui.drafts.value.get(slot(conversation, mode))?.text ?? "";
export const uploadsOf = (conversation, mode) => ui.uploads.value.get(slot(conversation, mode)) ?? [];

/** Reply or note: only ever changed by the person's own choice. */
export const setMode = (conversation, mode) => ui.put(ui.modes, conversation, mode);

export function write(conversation, mode, text) {
  const before = ui.drafts.peek().get(slot(conversation, mode));
  const sinceSeq = before?.sinceSeq ?? store.conversations.peek().get(conversation)?.seq ?? 0;
  ui.put(ui.drafts, slot(conversation, mode), text ? { text, sinceSeq } : undefined);
  if (mode === "reply") (text ? typing : typingEnds)(conversation);
}

/** How many customer messages have come since this draft was begun. */
export function newSince(conversation, mode) {
  const since = ui.drafts.value.get(slot(conversation, mode))?.sinceSeq;
  if (since === undefined) return 0;
  const items = store.threads.value.get(conversation)?.items ?? [];
  return items.filter((item) => item.seq > since && item.direction === "in").length;
}

// --- typing signs: only for replies, never for notes --------------------------------------------------------------

let toldAt = 0;
let toldTo = "";
let ends = 0;

function typing(conversation) {
  clearTimeout(ends);
  ends = setTimeout(() => typingEnds(conversation), TYPING_ENDS_MS);
  if (toldTo === conversation && Date.now() - toldAt < TYPING_EVERY_MS) return;
  toldAt = Date.now();
  toldTo = conversation;
  tell({ t: "typing", conversation, on: true });
}

export function typingEnds(conversation) {
  clearTimeout(ends);
  if (toldTo !== conversation) return;
  toldTo = "";
  tell({ t: "typing", conversation, on: false });
}

// --- attachments --------------------------------------------------------------------------------------------------

/** What the channel of `row` takes, or why it takes no files. Notes stay here, so they take any. */
export function fileLimits(row, mode) {
  if (mode === "note") return { allowed: true, most: MOST_BYTES };
  const can = channelOf(row)?.capabilities ?? {};
  if (!can.files) return { allowed: false, why: "This channel takes no files." };
  return { allowed: true, most: Math.min(can.max_file_bytes || MOST_BYTES, MOST_BYTES) };
}

export function attach(row, mode, files) {
  const limits = fileLimits(row, mode);
  const place = slot(row.id, mode);
  for (const file of files) {
    const list = ui.uploads.peek().get(place) ?? [];
    const entry = { key: messageId(), name: file.name || "file", size: file.size, type: file.type, progress: 0, error: "" };
    if (!limits.allowed) entry.error = limits.why;
    else if (file.size > limits.most) entry.error = `Too large: at most ${bytes(limits.most)}.`;
    else if (list.length >= MOST_FILES) return ui.toast(`At most ${MOST_FILES} files at once.`, { tone: "bad" });
    ui.put(ui.uploads, place, [...list, entry]);
    if (!entry.error) begin(place, entry.key, file);
  }
  return undefined;
}

async function begin(place, key, file) {
  const task = upload(file, (progress) => edit(place, key, { progress }));
  edit(place, key, { cancel: task.cancel });
  try {
    edit(place, key, { attachment: await task.done, progress: 1 });
  } catch (error) {
    edit(place, key, { error: error.message });
  }
}

function edit(place, key, changes) {
  const list = ui.uploads.peek().get(place) ?? [];
  ui.put(ui.uploads, place, list.map((entry) => (entry.key === key ? { ...entry, ...changes } : entry)));
}

export function detach(conversation, mode, key) {
  const place = slot(conversation, mode);
  const list = ui.uploads.peek().get(place) ?? [];
  const entry = list.find((one) => one.key === key);
  if (entry && !entry.attachment) entry.cancel?.();
  ui.put(ui.uploads, place, list.filter((one) => one.key !== key));
}

// --- sending ------------------------------------------------------------------------------------------------------

/** Why the draft cannot be sent now, or "". */
export function hindrance(conversation, mode) {
  const files = uploadsOf(conversation, mode);
  if (files.some((file) => file.error)) return "Take out the file that could not be added.";
  if (files.some((file) => !file.attachment)) return "A file is still on its way.";
  const wrong = mode === "reply" ? wrongIn(copiesOf(conversation)) : "";
  if (wrong) return `${wrong} is no address.`;
  return draftOf(conversation, mode).trim() || files.length ? "" : "Nothing written yet.";
}

/** Send the draft; with `done` the conversation is resolved as soon as the server has it. */
export function submit(conversation, mode, { signature = "", done = false, mentions = [] } = {}) {
  if (hindrance(conversation, mode)) return;
  const text = draftOf(conversation, mode).trim();
  const files = uploadsOf(conversation, mode).map((file) => file.attachment);
  ui.put(ui.drafts, slot(conversation, mode), undefined);
  ui.put(ui.uploads, slot(conversation, mode), undefined);
  if (mode === "reply") typingEnds(conversation);
  const body = { message: messageId(), text: mode === "reply" && signature ? `${text}\n\n${signature}` : text };
  if (mode === "reply") Object.assign(body, copiesBody(store.conversations.peek().get(conversation)));
  if (mode === "reply") forgetCopies(conversation);
  if (files.length) body.attachments = files.map((file) => file.id);
  if (mode === "note" && mentions.length) body.mentions = mentions;
  ui.put(ui.outbox, body.message, { id: body.message, conversation, mode, body, files, at: now(), state: "sending", error: "", done });
  push(body.message);
}

/** Send (again) what waits in the page's own outbox under `id`. */
export async function push(id) {
  const entry = ui.outbox.peek().get(id);
  if (!entry) return;
  ui.put(ui.outbox, id, { ...entry, state: "sending", error: "" });
  try {
    const answer = await post(`/conversations/${encodeURIComponent(entry.conversation)}/${entry.mode}`, entry.body);
    if (answer.message) apply.message(answer.message);
    ui.put(ui.outbox, id, undefined);
    if (entry.done) resolve([entry.conversation]);
  } catch (error) {
    if (error.conversation) apply.rows([error.conversation]);
    const waits = error.code === "network" || error.status === 503;
    ui.put(ui.outbox, id, { ...entry, state: waits ? "waiting" : "failed", error: error.message });
  }
}

/** Put a message that was not sent back into the composer. */
export function edited(id) {
  const entry = ui.outbox.peek().get(id);
  setMode(entry.conversation, entry.mode);
  restoreCopies(entry.conversation, entry.body);
  write(entry.conversation, entry.mode, [entry.body.text, draftOf(entry.conversation, entry.mode)].filter(Boolean).join("\n\n"));
  const files = (entry.files || []).map((file) => ({ key: file.id, name: file.name, size: file.size, progress: 1, error: "", attachment: file }));
  if (files.length) ui.put(ui.uploads, slot(entry.conversation, entry.mode), files);
  give(id);
}

export const give = (id) => ui.put(ui.outbox, id, undefined);

/** Send what waited as soon as the line is back; forget what the server has echoed. */
export function follow() {
  const resend = effect(() => {
    if (store.line.value.state !== "live") return;
    for (const entry of ui.outbox.peek().values()) if (entry.state === "waiting") push(entry.id);
  });
  const echo = effect(() => {
    const threads = store.threads.value;
    for (const entry of ui.outbox.value.values()) {
      if (threads.get(entry.conversation)?.items.some((item) => item.id === entry.id)) queueMicrotask(() => give(entry.id));
    }
  });
  return () => [resend, echo].forEach((end) => end());
}
