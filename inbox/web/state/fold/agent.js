// What each event does to an agent's row, above all the capacity that they hold: the mirror of stream/fold/agent.py.

function hold(row, connector = "", units = 0, count = 0) {
  const held = { ...row.held };
  const left = (held[connector] || 0) + count;
  if (left > 0) held[connector] = left;
  else delete held[connector];
  return { ...row, load: Math.max(0, row.load + units), held, version: row.version + 1 };
}

const offered = (row, event) => hold(row, event.connector, event.units, 1);
const offerEnded = (row, event) => hold(row, event.connector, -event.units, -1);
const released = (row, event, at) => ({ ...hold(row, event.connector, -(event.released_units || 0), -1), idle_since: at });
const rested = (row, { connector, units, resting }) => hold(row, connector, resting ? -units : units, resting ? -1 : 1);
const woken = (row, event) => hold(row, event.connector, event.units || 0, 1);

function givenUp(row, event, at) {
  let next = row;
  if (event.recalled === row.id) next = hold(next, event.connector, -(event.recalled_units || 0), -1);
  if (event.released === row.id) next = released(next, event, at);
  return next;
}

function assigned(row, event, at) {
  const next = givenUp(row, event, at);
  if (event.agent !== row.id) return next;
  const reserved = event.reserved || 0;
  return { ...hold(next, event.connector, event.units - reserved, reserved ? 0 : 1), idle_since: at };
}

function configured(row, event) {
  const { workspace = "main", name = "", role = "agent", kind = "agent", teams = [], queues = [], skills = {}, capacity = 10, caps = {}, active = true } = event;
  return { ...row, workspace, name, role, kind, teams, queues, skills, capacity, caps, active, version: row.version + 1 };
}

function status(row, event, at) {
  const came = event.status === "online" && (row.status === "offline" || row.status === "away");
  const idle_since = came ? at : row.idle_since;
  return { ...row, status: event.status, reason: event.reason || "", status_at: at, idle_since, version: row.version + 1 };
}

export const AGENT_FOLDS = {
  "offer.made": offered,
  "offer.ended": offerEnded,
  "conversation.assigned": assigned,
  "conversation.rested": rested,
  "conversation.queued": released,
  "conversation.resolved": released,
  "conversation.snoozed": givenUp,
  "conversation.woken": woken,
  "agent.configured": configured,
  "agent.status": status,
};

/** The agents whose rows `event` changes, each once. */
export function touchedAgents(event) {
  if (!(event.type in AGENT_FOLDS)) return [];
  return [...new Set([event.agent, event.released, event.recalled].filter(Boolean))];
}
