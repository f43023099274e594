// What each event does to a message's row: the mirror of stream/fold/message.py.
import { whole } from "./defaults.js";

const RANK = { queued: 0, sending: 1, unknown: 2, sent: 3, failed: 4, delivered: 5, read: 6 };

function received(row, event, at) {
  const { message: id, conversation, seq, author, content, direction = "in", provider_ids = [], source_key = "" } = event;
  const { reply_to = "", automatic = false } = event;
  const delivery = direction === "in" ? "received" : "sent";
  return whole("message", {
    id, conversation, seq, direction, author, content, at, delivery, provider_ids, source_key, reply_to, automatic,
  });
}

function queued(row, event, at) {
  const { message: id, conversation, seq, author, content, reply_to = "", automatic = false } = event;
  return whole("message", { id, conversation, seq, direction: "out", author, content, at, delivery: "queued", reply_to, automatic });
}

function note(row, event, at) {
  const { message: id, conversation, seq, author, content, mentions = [] } = event;
  return whole("message", { id, conversation, seq, direction: "note", author, content, at, mentions });
}

const edited = (row, event, at) => ({ ...row, content: event.content, edited_at: event.files ? row.edited_at : at });
const deleted = (row, event, at) => ({ ...row, deleted_at: at });

function reaction(row, { author, emoji }) {
  const others = row.reactions.filter((one) => one.author !== author);
  return { ...row, reactions: emoji ? [...others, { author, emoji }] : others };
}

/** Is `delivery` news about `row`? Reports only go up, failed stays failed; an agent's retry puts it back to queued. */
export function advances(row, delivery) {
  if (delivery === "queued") return ["failed", "unknown", "sending"].includes(row.delivery);
  return row.delivery !== "failed" && RANK[delivery] > (RANK[row.delivery] ?? -1);
}

const delivery = (row, event) => ({
  ...row,
  delivery: event.delivery,
  provider_ids: [...row.provider_ids, ...(event.provider_ids || []).filter((id) => !row.provider_ids.includes(id))],
  error: event.error || "",
  parts_done: event.parts_done || 0,
});

export const MESSAGE_FOLDS = {
  "message.received": received,
  "message.queued": queued,
  "message.note": note,
  "message.edited": edited,
  "message.deleted": deleted,
  "message.reaction": reaction,
  "message.delivery": delivery,
};
