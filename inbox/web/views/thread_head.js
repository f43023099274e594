// The head of the open conversation: who it is, where it stands, and the verbs.
import { html } from "htm/preact";
import { now } from "../lib/clock.js";
import * as time from "../lib/time.js";
import { keyOf, run } from "../state/commands.js";
import { accept, leave, markSpam, priorityName } from "../state/intents.js";
import { asked } from "../state/fold/conversation.js";
import { agentName, channelOf, contactName, me, queueName } from "../state/select.js";
import { viewing } from "../state/store.js";
import { panel } from "../state/ui.js";
import { Avatar } from "./avatar.js";
import { Button, IconButton } from "./button.js";
import { Closed } from "./closed.js";
import { Due } from "./due.js";
import { channelIcon, Icon } from "./icon.js";
import { Wait } from "./wait.js";

const VERBS = [
  ["assign", "personPlus", "Assign"],
  ["transfer", "move", "Move to a queue"],
  ["tag", "tag", "Tags"],
  ["priority", "flag", "Priority"],
  ["snooze", "clock", "Snooze"],
];

function Holder({ row }) {
  if (row.assignee) {
    const mine = row.assignee === me.value?.id;
    return html`<button type="button" class="fact" onClick=${() => run("assign")} title="Assign to somebody else (A)">
      <${Avatar} name=${agentName(row.assignee)} id=${row.assignee} size="xs" />${mine ? "You" : agentName(row.assignee)}</button>`;
  }
  if (row.status !== "open") return null;
  const waits = row.waiting_since > 0 && html` · waits <${Wait} since=${row.waiting_since} />`;
  const place = row.offer ? `Offered to ${asked(row.offer).map(agentName).join(", ")}` : row.queue ? queueName(row.queue) : "Unassigned";
  return html`<button type="button" class="fact" onClick=${() => run("transfer")} title="Move to a queue (M)">
    <${Icon} name="queue" size=${14} />${place}${waits}</button>
    <${Closed} id=${row.queue} kind="fact" />`;
}

function Facts({ row }) {
  return html`<div class="facts">
    ${row.subject && html`<span class="fact is-who" title="Customer" dir="auto">${contactName(row)}</span>`}
    <span class="fact" title="Channel"><${Icon} name=${channelIcon(row.connector)} size=${14} />${channelOf(row)?.name || row.channel}</span>
    <${Holder} row=${row} />
    ${row.status === "snoozed" && html`<span class="fact is-soft">
      <${Icon} name="clock" size=${14} />Until ${time.until(row.snoozed_until, now())}</span>`}
    ${row.status === "resolved" && html`<span class="fact is-good"><${Icon} name="check" size=${14} />Done</span>`}
    ${row.spam && html`<span class="fact is-bad"><${Icon} name="ban" size=${14} />Spam</span>`}
    <${Due} row=${row} kind="fact" size=${14} />
    ${row.priority > 0 && html`<span class="fact is-hot"><${Icon} name="flag" size=${14} />${priorityName(row.priority)}</span>`}
    ${row.tags.map((tag) => html`<button type="button" class="fact is-tag" key=${tag} onClick=${() => run("tag")} title="Tags (T)">${tag}</button>`)}
    <button type="button" class="fact is-link" onClick=${() => run("explain")} title="Why is it here? (W)">
      <${Icon} name="why" size=${14} />Why here?</button>
  </div>`;
}

function Others({ row }) {
  const others = (viewing.value.get(row.id) ?? []).filter((login) => login !== me.value?.id);
  if (!others.length) return null;
  const names = others.map(agentName).join(", ");
  return html`<span class="others" title="${names} also look at this" role="img" aria-label="${names} also look at this">
    ${others.slice(0, 3).map((login) => html`<${Avatar} key=${login} name=${agentName(login)} id=${login} size="xs" />`)}</span>`;
}

function MainVerb({ row }) {
  if (row.status === "resolved") return html`<${Button} icon="undo" keys=${keyOf("reopen")} onClick=${() => run("reopen")}>Open again<//>`;
  if (!row.assignee && asked(row.offer).includes(me.value?.id)) return html`<${Button} icon="check" tone="main" onClick=${() => accept(row)}>Accept<//>`;
  if (!row.assignee) return html`<${Button} icon="person" tone="main" keys=${keyOf("take")} onClick=${() => run("take")}>Take<//>`;
  return html`<${Button} icon="check" class="done-button" keys=${keyOf("done")} onClick=${() => run("done")}>Done<//>`;
}

export function ThreadHead({ row }) {
  return html`<header class="thread-head">
    <${IconButton} icon="left" label="Back to the list" class="thread-back" onClick=${leave} />
    <h2 class="thread-title" dir="auto" title=${row.subject || contactName(row)}>${row.subject || contactName(row)}</h2>
    <${Others} row=${row} />
    <div class="verbs" role="toolbar" aria-label="Verbs">
      ${VERBS.map(([id, icon, label]) => html`<${IconButton} key=${id} icon=${icon} label=${label} keys=${keyOf(id)} class="verb-${id}"
            onClick=${() => run(id)} />`)}
      <${IconButton} icon="ban" label=${row.spam ? "Not spam" : "Spam"} keys="!" class="verb-spam" onClick=${() => markSpam([row.id], !row.spam)} />
      <${IconButton} icon="panel" label="Customer" keys=${keyOf("panel")} aria-pressed=${panel.value} class="verb-panel"
            onClick=${() => run("panel")} />
      <${IconButton} icon="more" label="All commands" keys="Mod+k" class="verb-more" onClick=${() => run("palette")} />
      <${MainVerb} row=${row} />
    </div>
    <${Facts} row=${row} />
  </header>`;
}
