// What a conversation's service level says at a moment: which target is due first, and whether it is at risk or late. Pure.
import { full, span } from "./time.js";

export const NAMES = { first_reply: "First reply", next_reply: "Next reply", resolution: "Resolution" };
const NEAR = 90;
const COUNTS = ["running", "at_risk", "breached"];

/** {state: "running" | "at_risk" | "breached", text, title, near: it is a matter of seconds} of the target that is due first; null when nothing is. */
export function mark(level, now) {
  const due = (level?.targets ?? []).filter((target) => target.due_at > 0 && COUNTS.includes(target.state));
  if (!due.length) return null;
  const first = due.reduce((one, other) => (other.due_at < one.due_at ? other : one));
  const late = first.state === "breached" || first.due_at < now;
  return {
    state: late ? "breached" : first.state,
    text: late ? `late ${span(now - first.due_at)}` : `due in ${span(first.due_at - now)}`,
    near: Math.abs(first.due_at - now) < NEAR,
    title: `${NAMES[first.name]} ${late ? "was due" : "is due"} ${full(first.due_at)} (${level.name})`,
  };
}

/** What is said to somebody who is told of `event` about a conversation with `name`. */
export function alarm(event, name) {
  const what = NAMES[event.target] ?? event.target;
  return `${name}: ${what.toLowerCase()} is ${event.type === "level.at_risk" ? "due soon" : "late"}`;
}
