// The router's records in words: what is known of them as lines for people, whatever else there is left as facts. Pure.
import { NAMES } from "./due.js";
import { full, span } from "./time.js";
import { plural } from "./text.js";

const KINDS = {
  "conversation.queued": "Put into a queue",
  "step.opened": "Step opened",
  "offer.made": "Offered",
  "offer.ended": "Offer over",
  "conversation.assigned": "Assigned",
  "level.at_risk": "Service level at risk",
  "level.breached": "Service level missed",
  "level.escalated": "Escalated",
  "automation.ran": "Rules of the automation",
};

const KNOWN = [
  "rule", "when", "lang", "queue", "need", "team", "units", "waited", "agents",
  "winner", "losers", "refused", "excluded", "level", "target", "within", "due_at", "trigger", "rules", "did", "cut", "opened", "measured",
  "facts", "how", "by", "over_capacity",
];
const HOW = { accepted: "the offer was accepted", taken: "taken by hand", assigned: "by hand", pushed: "without asking" };
const PLUMBING = [
  "n", "v", "at", "kind", "type", "reason", "explain", "config", "step", "connector", "channel", "agent", "offer", "asked", "since", "place", "next",
  "priority", "promised", "open_steps", "also_keys", "mark",
];

const who = (one) => `${one.name || one.agent || one.who}${one.why ? `: ${one.why}` : ""}`;

function lacking(group) {
  if (!group.lacks) return who(group);
  const out = group.lacks.filter((need) => need.startsWith("not "));
  const missed = group.lacks.filter((need) => !out.includes(need));
  const why = [missed.length && `without ${missed.join(", ")}`, out.length && `left out by ${out.join(", ")}`].filter(Boolean);
  return `${plural(group.agents, "agent")} ${why.join(" and ")}`;
}

/** What the rules saw: `lang de; text refund`; what is empty or false is left out. */
const saw = (facts) => Object.entries(facts)
  .filter(([, value]) => value && value.length !== 0)
  .map(([name, value]) => `${name} ${[value].flat().join(", ")}`.trim())
  .join("; ");

/** Lines [label, text] for what is known of `record`; `names` and `people` turn ids of queues and agents into names. */
function lines(record, names, people) {
  const { rule, when, lang, queue, need = [], team, units, waited, agents, winner, losers = [], refused = [], excluded = [] } = record;
  const { level, target, within, due_at } = record;
  const { trigger, rules = [], did = [], cut, opened = [], measured = {}, facts = {}, how, by, over_capacity } = record;
  return [
    ["Rule", rule],
    ["matched", typeof when === "string" ? when : ""],
    ["Language", lang],
    ["Seen", saw(facts)],
    ["Step opened", opened.join("; ")],
    ["Measured", Object.entries(measured).map(([name, value]) => `${name} ${value}`).join(", ")],
    ["Service level", target && `${NAMES[target]} within ${span(within)} (${level})`],
    ["Due", target && due_at ? full(due_at) : ""],
    ["Queue", queue && names(queue)],
    ["Needs", need.join(", ")],
    ["Team", team],
    ["Takes", units ? plural(units, "unit") : ""],
    ["Waited", waited === undefined ? "" : span(waited)],
    ["Chosen", winner && (typeof winner === "string" ? winner : who(winner))],
    ["Next in line", losers.map(who).join(" · ")],
    ["Who fits", agents && `${agents.fit ?? "?"}, ${agents.available ?? "?"} of them available`],
    ["Did not fit", refused.map(lacking).join(" · ")],
    ["Asked before", excluded.join(", ")],
    ["How", how && (HOW[how] ?? how)],
    ["By", by && by.id !== record.agent ? people(by.id) : ""],
    ["Capacity", over_capacity ? "more than there is room for, by a supervisor’s decision" : ""],
    ["Because of", trigger],
    ["Rules", rules.join(", ")],
    ["Did", did.join(" · ")],
    ["Cut", cut],
  ].filter(([, text]) => text);
}

/** One offer to several agents is an event for each of them, and one decision: who was asked, in that order, is in `asked`. */
export function grouped(decisions) {
  const found = new Map();
  decisions.forEach((one) => {
    const key = one.offer || `n${one.n}`;
    const asked = [...(found.get(key)?.asked ?? []), one.agent].filter(Boolean);
    found.set(key, { ...(found.get(key) ?? one), asked });
  });
  return [...found.values()];
}

const TO = { "offer.made": "Offered to", "conversation.assigned": "Assigned to" };

function titleOf({ kind, asked = [] }, people) {
  if (!TO[kind] || !asked.length) return KINDS[kind] ?? "Decided";
  return `${TO[kind]} ${asked.map(people).join(", ")}`;
}

/** {title, reason, at, lines, rest} of one decision; `names` and `people` turn ids of queues and agents into names. */
export function told(decision, names = (id) => id, people = (id) => id) {
  const record = decision.explain && typeof decision.explain === "object" ? { ...decision, ...decision.explain } : decision;
  const rest = Object.entries(record).filter(([key, value]) => !KNOWN.includes(key) && !PLUMBING.includes(key) && value !== "" && value !== null);
  return {
    title: titleOf(decision, people),
    reason: decision.reason || "",
    at: decision.at || 0,
    lines: lines(record, names, people),
    rest: Object.fromEntries(rest),
  };
}
