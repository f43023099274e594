// What each event does to a conversation's row: the mirror of stream/fold/conversation.py, function by function.
import { whole } from "./defaults.js";
import * as level from "./level.js";

function started(row, event, at) {
  const { conversation: id, channel, connector, key, about, identity } = event;
  const { workspace = "main", previous = "", tags = [], spam = false, language = "", named: participants = [] } = event;
  return whole("conversation", {
    id, channel, connector, key, about, identity, workspace, previous, tags, spam, language, participants,
    created_at: at, updated_at: at, version: 1,
  });
}

const reopened = (row, event, at) => ({
  ...row,
  status: "open",
  last_agent: row.assignee || row.last_agent,
  assignee: "",
  offer: null,
  declined_by: [],
  spam: false,
  waiting_since: 0,
  place: 0,
  opened: [],
  opened_at: at,
  resolved_at: 0,
  level: null,
  updated_at: at,
  version: event.version,
});

function received(row, event, at) {
  const direction = event.direction || "in";
  const customer = direction === "in";
  return {
    ...row,
    seq: event.seq,
    last_message: event.message,
    preview: event.content,
    last_direction: direction,
    last_customer_at: customer ? at : row.last_customer_at,
    last_agent_at: customer ? row.last_agent_at : at,
    unread: customer ? row.unread + 1 : row.unread,
    level: customer ? level.turned(row.level, at, "customer") : level.answered(row.level, at),
    updated_at: at,
    version: event.version,
  };
}

const edited = (row, event, at) => ({
  ...row,
  preview: row.last_message === event.message ? event.content : row.preview,
  updated_at: at,
  version: event.version,
});

/** A message that was given up no longer marks the conversation. */
const deleted = (row, event) => ({
  ...row,
  send_mark: row.send_mark === event.message ? "" : row.send_mark,
  version: event.version,
});

const onlyVersion = (row, event) => ({ ...row, version: event.version });

function reply(row, event, at) {
  const byPerson = !event.automatic;
  return {
    ...row,
    seq: event.seq,
    last_message: event.message,
    preview: event.content,
    last_direction: "out",
    last_agent_at: byPerson ? at : row.last_agent_at,
    read_seq: byPerson ? event.seq : row.read_seq,
    unread: byPerson ? 0 : row.unread,
    level: byPerson ? level.answered(row.level, at) : row.level,
    updated_at: at,
    version: event.version,
  };
}

const note = (row, event, at) => ({
  ...row,
  seq: event.seq,
  participants: [...row.participants, ...(event.mentions || []).filter((who) => !row.participants.includes(who))],
  updated_at: at,
  version: event.version,
});

function delivery(row, event) {
  let mark = row.send_mark;
  if (event.delivery === "failed" || event.delivery === "unknown") mark = event.message;
  else if (mark === event.message) mark = "";
  return { ...row, send_mark: mark, version: event.version };
}

function read(row, event) {
  const seq = Math.max(row.read_seq, Math.min(event.seq, row.seq));
  return { ...row, read_seq: seq, unread: Math.min(row.unread, row.seq - seq), version: event.version };
}

const queued = (row, event, at) => ({
  ...row,
  status: "open",
  queue: event.queue,
  team: event.team || "",
  waiting_since: event.waiting_since,
  place: event.waiting_since,
  priority: event.priority || 0,
  rule: event.rule || "",
  need: event.need || [],
  opened: (event.rule || "") === row.rule ? row.opened : [],
  units: event.units ?? 1,
  tags: [...new Set([...row.tags, ...(event.tags || [])])].sort(byCodePoint),
  language: event.language || row.language,
  last_agent: row.assignee || row.last_agent,
  assignee: "",
  offer: null,
  snoozed_until: 0,
  declined_by: event.forget_declined ? [] : row.declined_by,
  level: level.queued(row.level, event, row.queue),
  updated_at: at,
  version: event.version,
});

const byCodePoint = (a, b) => {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return left[i].codePointAt(0) - right[i].codePointAt(0);
  }
  return left.length - right.length;
};

const stepOpened = (row, event) => ({ ...row, opened: event.opened, version: event.version });

function offered(row, { offer: id, agent, expires_at, units, version }) {
  const offer = row.offer?.id === id ? { ...row.offer, also: [...(row.offer.also || []), agent] } : { id, agent, expires_at, units };
  return { ...row, offer, units, version };
}

/** Everybody who may accept an offer. */
export const asked = (offer) => (offer ? [offer.agent, ...(offer.also || [])] : []);

function without(offer, who) {
  const [agent, ...also] = asked(offer).filter((one) => one !== who);
  const { also: _, ...rest } = offer ?? {};
  return agent ? { ...rest, agent, ...(also.length && { also }) } : null;
}

function offerEnded(row, event) {
  const silent = event.how !== "recalled" && !row.declined_by.includes(event.agent);
  const declined_by = silent ? [...row.declined_by, event.agent] : row.declined_by;
  return { ...row, offer: without(row.offer, event.agent), declined_by, version: event.version };
}

const assigned = (row, event, at) => ({
  ...row,
  status: "open",
  assignee: event.agent,
  offer: null,
  opened: [],
  units: event.units,
  waiting_since: 0,
  place: row.place || row.waiting_since || row.created_at,
  snoozed_until: 0,
  declined_by: [],
  updated_at: at,
  version: event.version,
});

const rested = (row, event) => ({ ...row, resting: event.resting, version: event.version });

const resolved = (row, event, at) => ({
  ...row,
  status: "resolved",
  offer: null,
  opened: [],
  waiting_since: 0,
  snoozed_until: 0,
  resolved_at: at,
  level: level.resolved(row.level, at),
  updated_at: at,
  version: event.version,
});

const snoozed = (row, event, at) => ({
  ...row,
  status: "snoozed",
  offer: null,
  opened: [],
  waiting_since: 0,
  snoozed_until: event.until,
  level: level.turned(row.level, at, "snoozed"),
  updated_at: at,
  version: event.version,
});

const woken = (row, event, at) => ({
  ...row,
  status: "open",
  last_agent: row.assignee || row.last_agent,
  assignee: event.agent || "",
  units: event.units || row.units,
  snoozed_until: 0,
  level: level.turned(row.level, at, "woken"),
  updated_at: at,
  version: event.version,
});

const tags = (row, event) => ({ ...row, tags: event.tags, version: event.version });
const priority = (row, event) => ({ ...row, priority: event.priority, version: event.version });
const spam = (row, event) => ({
  ...row,
  spam: event.spam,
  level: event.spam ? null : row.level,
  opened: event.spam ? [] : row.opened,
  version: event.version,
});

const automated = (row, event) => ({ ...row, automated: event.runs || 0, automated_since: event.since || 0, version: event.version });

export const CONVERSATION_FOLDS = {
  "conversation.started": started,
  "conversation.reopened": reopened,
  "message.received": received,
  "message.edited": edited,
  "message.deleted": deleted,
  "message.reaction": onlyVersion,
  "message.queued": reply,
  "message.note": note,
  "message.delivery": delivery,
  "conversation.read": read,
  "conversation.queued": queued,
  "step.opened": stepOpened,
  "offer.made": offered,
  "offer.ended": offerEnded,
  "conversation.assigned": assigned,
  "conversation.rested": rested,
  "conversation.resolved": resolved,
  "conversation.snoozed": snoozed,
  "conversation.woken": woken,
  "conversation.tags": tags,
  "conversation.priority": priority,
  "conversation.spam": spam,
  "automation.ran": automated,
  "level.set": level.stamped,
  "level.at_risk": level.reached,
  "level.breached": level.reached,
  "level.escalated": level.reached,
};
