// The fold: row + event -> row. Pure; the mirror of stream/fold/__init__.py, held equal to it by tests/fixtures/events.
import { AGENT_FOLDS, touchedAgents } from "./agent.js";
import { CONTACT_FOLDS, IDENTITY_FOLDS, touchedContacts, touchedIdentities } from "./contact.js";
import { CONVERSATION_FOLDS } from "./conversation.js";
import { whole } from "./defaults.js";
import { MESSAGE_FOLDS } from "./message.js";

const FOLDS = {
  conversation: CONVERSATION_FOLDS,
  message: MESSAGE_FOLDS,
  agent: AGENT_FOLDS,
  contact: CONTACT_FOLDS,
  identity: IDENTITY_FOLDS,
};

/** The rows that `event` changes, as [kind, id], each once. */
export function touches(event) {
  const keys = [];
  if (event.type in CONVERSATION_FOLDS) keys.push(["conversation", event.conversation]);
  if (event.type in MESSAGE_FOLDS) keys.push(["message", event.message]);
  for (const agent of touchedAgents(event)) keys.push(["agent", agent]);
  for (const contact of touchedContacts(event)) keys.push(["contact", contact]);
  for (const identity of touchedIdentities(event)) keys.push(["identity", identity]);
  return keys;
}

/** `row` (undefined before its first event) after `event`, which happened at `at`. */
export function foldRow([kind, id], row, event, at) {
  const before = row ?? (kind === "agent" ? whole("agent", { id }) : undefined);
  return FOLDS[kind][event.type](before, { version: 0, ...event }, at, id);
}

export { advances } from "./message.js";
export { whole } from "./defaults.js";
