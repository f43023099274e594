// The pickers: assign, move, tags, priority, snooze, status, and the palette of everything.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { now } from "../lib/clock.js";
import { plural } from "../lib/text.js";
import * as time from "../lib/time.js";
import { COMMANDS } from "../state/commands.js";
import * as intents from "../state/intents.js";
import { show } from "../state/navigate.js";
import { setStatus } from "../state/people.js";
import { contactName, leads, me, myself } from "../state/select.js";
import { agents, conversations, queues, statuses, tags } from "../state/store.js";
import { toast } from "../state/ui.js";
import { Avatar } from "./avatar.js";
import { Button } from "./button.js";
import { close } from "./dialog.js";
import { Picker } from "./picker.js";

const RANK = { online: 0, busy: 1, away: 2, offline: 3 };
export const STATUS_NAMES = { online: "Online", busy: "Busy", away: "Away", offline: "Offline" };

const what = (ids) => (ids.length === 1 ? contactName(conversations.value.get(ids[0])) : plural(ids.length, "conversation"));

function agentItems(ids) {
  const mine = me.value?.id;
  const active = [...agents.value.values()].filter((agent) => agent.active && (agent.capacity > 0 || agent.id === mine));
  const sorted = active.sort((a, b) => (b.id === mine) - (a.id === mine) || RANK[a.status] - RANK[b.status] || a.name.localeCompare(b.name));
  return sorted.map((agent) => {
    const full = agent.load >= agent.capacity;
    const fullness = full ? (leads.peek() ? " · full, this goes above" : " · full") : "";
    const room = agent.capacity > 0 ? `${STATUS_NAMES[agent.status]} · ${agent.load}/${agent.capacity}${fullness}` : "gets no work by routing";
    const override = full && leads.peek();
    return {
      id: agent.id,
      label: `${agent.name || agent.id}${agent.id === mine ? " (you)" : ""}`,
      hint: room,
      more: `${agent.id} ${Object.keys(agent.skills).join(" ")}`,
      mark: html`<${Avatar} name=${agent.name || agent.id} id=${agent.id} size="s" status=${agent.status} />`,
      run: () => (agent.id === mine ? intents.take(ids, override) : intents.assign(ids, agent.id, { override })),
    };
  });
}

export const Assign = ({ ids }) => html`<${Picker} label="Assign ${what(ids)} to" placeholder="Name, login or skill" items=${agentItems(ids)} />`;

const queueItems = (run) =>
  queues.value.map((queue) => ({ id: queue.id, label: queue.name || queue.id, hint: `${queue.waiting || 0} waiting`, icon: "queue", run: () => run(queue.id) }));

export function Transfer({ ids }) {
  const again = { id: "", label: "Let routing decide again", hint: "by the rules", icon: "why", run: () => intents.transfer(ids, "") };
  return html`<${Picker} label="Move ${what(ids)} to"
        placeholder="Queue" items=${[...queueItems((queue) => intents.transfer(ids, queue)), again]} />`;
}

export function Tags({ ids }) {
  const rows = ids.map((id) => conversations.value.get(id)).filter(Boolean);
  const everywhere = new Set(rows[0]?.tags.filter((name) => rows.every((row) => row.tags.includes(name))));
  const known = new Set(tags.value);
  conversations.value.forEach((row) => row.tags.forEach((name) => known.add(name)));
  const item = (name) => ({
    id: name,
    label: name,
    icon: "tag",
    checked: everywhere.has(name),
    run: () => (everywhere.has(name) ? intents.tag(ids, [], [name]) : intents.tag(ids, [name], [])),
  });
  const extra = (query) => {
    const name = query.trim();
    return name && !known.has(name) ? { ...item(name), id: `+${name}`, label: `New tag “${name}”` } : null;
  };
  return html`<${Picker} label="Tags of ${what(ids)}" placeholder="Find or make a tag" many items=${[...known].sort().map(item)} extra=${extra} />`;
}

export function Priority({ ids }) {
  const now = intents.priorityName(conversations.value.get(ids[0])?.priority ?? 0);
  const items = intents.PRIORITIES.map(([value, name]) => ({
    id: name, label: name, icon: "flag", checked: name === now, run: () => intents.prioritise(ids, value),
  }));
  return html`<${Picker} label="Priority of ${what(ids)}" items=${items.reverse()} />`;
}

export function Snooze({ ids }) {
  const items = time.snoozePresets(now()).map(([label, until]) => ({
    id: label, label, hint: time.until(until, now()), icon: "clock", run: () => intents.snooze(ids, until),
  }));
  const asleep = ids.some((id) => conversations.value.get(id)?.status === "snoozed");
  if (asleep) items.unshift({ id: "wake", label: "Wake now", icon: "wake", run: () => intents.wake(ids) });
  return html`<${Picker} label="Snooze ${what(ids)}" items=${items} footer=${html`<${OtherTime} ids=${ids} />`} />`;
}

function OtherTime({ ids }) {
  const [value, setValue] = useState("");
  const save = (event) => {
    event.preventDefault();
    const until = new Date(value).getTime() / 1000;
    if (!(until > now())) return toast("Choose a time that is still to come.", { tone: "bad" });
    close();
    return intents.snooze(ids, until);
  };
  return html`<form class="picker-foot" onSubmit=${save}>
    <label>Another time <input type="datetime-local" required value=${value} onInput=${(event) => setValue(event.target.value)} /></label>
    <${Button} type="submit" tone="quiet">Snooze<//>
  </form>`;
}

const USUAL = ["Break", "Lunch", "Meeting", "Training"].map((name) => ({ name, status: "away" }));

/** What one may be: the reasons of this house, or the usual ones and any other. */
const choices = () => [
  ["online", "", "new work comes in"],
  ["busy", "", "what is there stays, no new work"],
  ["away", "", "no new work"],
  ...(statuses.value.length ? statuses.value : USUAL).map(({ status, name }) => [status, name, ""]),
  ["offline", "", "the day is over"],
];

/** One's own status, or that of `agent`, whom one leads. */
export function Status({ agent = me.value.id }) {
  const known = agents.value.get(agent) ?? myself.value;
  const items = choices().map(([status, reason, hint]) => ({
    id: status + reason,
    label: reason ? `${STATUS_NAMES[status]}: ${reason}` : STATUS_NAMES[status],
    hint,
    mark: html`<span class="dot status-${status}"></span>`,
    checked: known?.status === status && (known.reason || "") === reason,
    run: () => setStatus(status, reason, agent),
  }));
  const extra = (query) => {
    const reason = query.trim().slice(0, 60);
    return reason && { id: "other", label: `Away: ${reason}`, mark: html`<span class="dot status-away">
      </span>`, run: () => setStatus("away", reason, agent) };
  };
  const open = !statuses.value.length;
  const label = agent === me.value.id ? "Your status" : `The status of ${known?.name || agent}`;
  return html`<${Picker} label=${label} placeholder=${open ? "Choose, or type a reason for being away" : "Choose"}
        items=${items} extra=${open ? extra : null} />`;
}

/** Every command that makes sense now, every queue, every colleague. */
export function Palette({ ids }) {
  const commands = COMMANDS.filter((command) => command.id !== "palette" && command.when()).map((command) => ({
    id: command.id,
    label: command.group === "Go to" ? `Go to ${command.name}` : command.name,
    group: command.group,
    keys: command.keys[0],
    run: () => setTimeout(command.run),
  }));
  const places = queueItems((queue) => show(`queue:${queue}`)).map((item) => ({ ...item, id: `q-${item.id}`, label: `Go to queue ${item.label}`, group: "Queues" }));
  const people = ids.length ? agentItems(ids).map((item) => ({ ...item, id: `a-${item.id}`, label: `Assign to ${item.label}`, group: "Colleagues" })) : [];
  return html`<${Picker} label="What would you like to do?"
        placeholder="Type a command, a queue or a name" items=${[...commands, ...places, ...people]} />`;
}
