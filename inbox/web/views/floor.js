// The floor, for supervisors: what waits in each queue and since when, who is there and how full they are, and moving work between them.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { minutes } from "../lib/clock.js";
import { mark } from "../lib/due.js";
import { plural } from "../lib/text.js";
import * as time from "../lib/time.js";
import { asked } from "../state/fold/conversation.js";
import { open } from "../state/intents.js";
import { show } from "../state/navigate.js";
import { readAgents } from "../state/people.js";
import { agentName, contactName, me } from "../state/select.js";
import { agents, conversations, queues } from "../state/store.js";
import { dialog, nav } from "../state/ui.js";
import { Avatar } from "./avatar.js";
import { Button, IconButton } from "./button.js";
import { STATUS_NAMES } from "./choices.js";
import { Closed } from "./closed.js";
import { Due, TONES } from "./due.js";
import { Empty } from "./empty.js";
import { channelIcon, Icon } from "./icon.js";
import { Wait } from "./wait.js";

const ORDER = ["online", "busy", "away", "offline"];
const SHOWN = 8;
const PRESSING = [["breached", "late"], ["at_risk", "at risk"]];

const waitingIn = (queue) =>
  [...conversations.value.values()]
    .filter((row) => row.queue === queue && row.status === "open" && !row.assignee && !row.spam)
    .sort((a, b) => b.priority - a.priority || (a.place || a.created_at) - (b.place || b.created_at));

const heldBy = (login) => [...conversations.value.values()].filter((row) => row.assignee === login && row.status === "open");
const offeredTo = (login) => [...conversations.value.values()].filter((row) => asked(row.offer).includes(login)).length;

function Waiting({ row }) {
  return html`<li class="floor-row">
    <button type="button" class="floor-open" onClick=${() => open(row.id, `queue:${row.queue}`)}>
      <${Icon} name=${channelIcon(row.connector)} size=${14} /><span dir="auto">${contactName(row)}</span>
      <${Due} row=${row} kind="floor-due" size=${12} />
      <time title=${row.offer ? `Offered to ${asked(row.offer).map(agentName).join(", ")}` : `Waiting since ${time.full(row.waiting_since || row.created_at)}`}>
        ${row.offer ? "offered" : html`<${Wait} since=${row.waiting_since || row.created_at} />`}</time></button>
    <${IconButton} icon="personPlus" size=${16} label="Assign ${contactName(row)}"
          onClick=${() => (dialog.value = { kind: "assign", ids: [row.id] })} />
  </li>`;
}

function Queue({ queue }) {
  const rows = waitingIn(queue.id);
  const oldest = Math.min(...rows.filter((row) => !row.offer && row.waiting_since).map((row) => row.waiting_since));
  const count = Math.max(queue.waiting || 0, rows.length);
  return html`<section class="card ${count ? "" : "is-calm"}" aria-label=${queue.name || queue.id}>
    <header><h3><a href="#/${encodeURIComponent(`queue:${queue.id}`)}"
          onClick=${(event) => { event.preventDefault(); show(`queue:${queue.id}`); }}>${queue.name || queue.id}</a></h3>
      <${Closed} id=${queue.id} kind="floor-closed" /></header>
    <p class="figures"><span><b>${count}</b> waiting</span><span><b>${Number.isFinite(oldest) ? html`<${Wait} since=${oldest} />` : "–"}
      </b> oldest wait</span>${PRESSING.map(([state, word]) => {
        const many = rows.filter((row) => mark(row.level, minutes.value)?.state === state).length;
        return many > 0 && html`<span key=${state} class="due ${TONES[state]}"><b>${many}</b> ${word}</span>`;
      })}</p>
    <ul class="floor-rows">${rows.slice(0, SHOWN).map((row) => html`<${Waiting} key=${row.id} row=${row} />`)}</ul>
    ${rows.length > SHOWN && html`<button type="button" class="link" onClick=${() => show(`queue:${queue.id}`)}>${rows.length - SHOWN} more</button>`}
  </section>`;
}

function AgentRow({ agent }) {
  const held = heldBy(agent.id);
  const offers = offeredTo(agent.id);
  const skills = Object.entries(agent.skills).map(([name, level]) => `${name} ${level}`).join(", ");
  const bot = agent.kind === "bot";
  const load = bot ? agent.load : `${agent.load}/${agent.capacity}`;
  return html`<tr>
    <th scope="row"><span class="floor-agent"><${Avatar} name=${agent.name || agent.id} id=${agent.id} size="s" status=${agent.status} />
      <span>${agent.name || agent.id}<small title=${skills}>${skills || (bot ? "bot" : agent.role)}</small></span></span></th>
    <td><span class="floor-status"><span class="dot status-${agent.status}"></span>
      ${STATUS_NAMES[agent.status]}${agent.reason ? ` · ${agent.reason}` : ""}${agent.connected === false && agent.status !== "offline" && !bot ? html`<small>not connected</small>` : ""}
      </span>
      ${agent.status_at > 0 && html`<small>since ${time.since(agent.status_at, minutes.value)}</small>`}
      ${agent.off_duty && html`<small>${agent.off_duty}${agent.duty_until ? ` until ${time.until(agent.duty_until, minutes.value)}` : ""}</small>`}</td>
    <td class="floor-load">${!bot && html`<progress max=${Math.max(1, agent.capacity)} value=${Math.min(agent.load, agent.capacity)}
          aria-label="${agent.load} of ${agent.capacity}"></progress>`}<span>${load}</span></td>
    <td>${held.length ? html`<details class="floor-held"><summary>${plural(held.length, "conversation")}</summary><ul>
      ${held.slice(0, 20).map((row) => html`<li key=${row.id} class="floor-row">
      <button type="button" class="floor-open" onClick=${() => open(row.id, "all")}>
      <${Icon} name=${channelIcon(row.connector)} size=${14} /><span dir="auto">${contactName(row)}</span>
        <${Due} row=${row} kind="floor-due" size=${12} /></button>
      <${IconButton} icon="personPlus" size=${16} label="Assign ${contactName(row)} to somebody else"
            onClick=${() => (dialog.value = { kind: "assign", ids: [row.id] })} />
        <${IconButton} icon="move" size=${16} label="Move ${contactName(row)} to a queue"
            onClick=${() => (dialog.value = { kind: "transfer", ids: [row.id] })} /></li>`)}</ul></details>` : !offers && html`<small>nothing</small>`}
      ${offers > 0 && html`<small>${plural(offers, "offer")} open</small>`}</td>
    <td>${agent.id !== me.value?.id && html`<${Button} tone="quiet" aria-label="Set the status of ${agent.name || agent.id}"
            onClick=${() => (dialog.value = { kind: "status", agent: agent.id })}>Set status<//>`}</td>
  </tr>`;
}

export function Floor() {
  useEffect(() => void readAgents(), []);
  const all = [...agents.value.values()].filter((agent) => (agent.active && agent.capacity > 0) || agent.load > 0);
  const sorted = all.sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || (a.name || a.id).localeCompare(b.name || b.id));
  const people = all.filter((agent) => agent.kind !== "bot");
  const online = people.filter((agent) => agent.status === "online" && !agent.off_duty).length;
  return html`<section class="floor" aria-label="Floor" tabindex="-1">
    <header class="floor-head"><${IconButton} icon="menu" label="Views and queues" class="list-menu" aria-expanded=${nav.value}
          aria-controls="nav" onClick=${() => (nav.value = !nav.value)} /><h1>Floor</h1><p>
      ${online} of ${plural(people.length, "agent")} ready for work · ${plural(queues.value.reduce((sum, queue) => sum + (queue.waiting || 0), 0), "conversation")} waiting</p>
      </header>
    <h2>Queues</h2>
    ${queues.value.length ? html`<div class="cards">${queues.value.map((queue) => html`<${Queue} key=${queue.id} queue=${queue} />`)}
      </div>` : html`<${Empty} icon="queue" title="No queues" text="The configuration names no queue." />`}
    <h2>Agents</h2>
    <div class="table-scroll"><table class="agents"><thead><tr><th scope="col">Agent</th><th scope="col">Status</th>
      <th scope="col">Load</th><th scope="col">Holds</th><th scope="col"><span class="unseen">Change</span></th></tr></thead><tbody>
      ${sorted.map((agent) => html`<${AgentRow} key=${agent.id} agent=${agent} />`)}</tbody></table></div>
  </section>`;
}
