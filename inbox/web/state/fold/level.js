// What each event does to the service level of a conversation: the mirror of stream/fold/level.py, function by function.

const MOST_TURNS = 32;
const REACHED = { "level.at_risk": "at_risk", "level.breached": "breached" };
const over = (target) => target.state === "met" || target.state === "missed";

/** Note whose turn it is from `at` on. */
export function turned(level, at, what) {
  if (!level || level.turns.at(-1)?.[1] === what) return level;
  return { ...level, turns: [...level.turns.slice(0, MOST_TURNS - 1), [at, what]] };
}

/** A person wrote: what was promised to be answered is. After a sleep that no router took in, only that can say whether in time. */
export function answered(level, at) {
  if (!level || level.turns.some(([, what]) => what === "snoozed" || what === "woken")) return turned(level, at, "agent");
  const targets = level.targets.map((target) => (target.name === "resolution" ? target : ended(target, at)));
  return turned({ ...level, targets }, at, "agent");
}

/** It is done: nothing is owed any more. Until turns are taken in, `due_at` holds as far as the first of them. */
export function resolved(level, at) {
  if (!level) return null;
  const known = level.turns[0]?.[0] ?? at;
  return { ...level, targets: level.targets.map((target) => ended(target, known)), turns: [] };
}

function ended(target, at) {
  if (over(target)) return target;
  const late = target.state === "breached" || (target.due_at > 0 && target.due_at < at);
  return { ...target, state: late ? "missed" : "met", since: 0, ended_at: at };
}

/** A person who puts it into another queue puts it under that queue's level. */
export function queued(level, event, before) {
  const byHand = event.by?.kind === "agent" && event.queue !== before;
  return level && byHand ? { ...level, moved: true } : level;
}

/** The router took in the turns and set the clocks. */
export function stamped(row, event) {
  const turns = row.level ? row.level.turns.slice(event.heard || 0) : [];
  const level = event.level ? { ...event.level, turns, moves: (row.level?.moves || 0) + 1 } : null;
  return { ...row, level, version: event.version };
}

/** A target has come to a mark of its chain. */
export function reached(row, event) {
  const participants = [...row.participants, ...(event.named || []).filter((who) => !row.participants.includes(who))];
  if (!row.level) return { ...row, participants, version: event.version };
  const targets = row.level.targets.map((target) => mark(target, event));
  const level = { ...row.level, targets, boost: row.level.boost + (event.boost || 0), moves: row.level.moves + 1 };
  return { ...row, level, participants, version: event.version };
}

function mark(target, event) {
  if (target.name !== event.target || target.round !== event.round) return target;
  return { ...target, mark: event.mark, state: over(target) ? target.state : (REACHED[event.type] ?? target.state) };
}
