// One conversation in the list: who, what last, where it stands. Always the same height, so that ten thousand of them scroll.
import { html } from "htm/preact";
import { minutes, now } from "../lib/clock.js";
import * as time from "../lib/time.js";
import { priorityName, select } from "../state/intents.js";
import { asked } from "../state/fold/conversation.js";
import { agentName, channelOf, contactName, me, queueName } from "../state/select.js";
import { typing } from "../state/store.js";
import { Avatar } from "./avatar.js";
import { Due } from "./due.js";
import { channelIcon, Icon } from "./icon.js";
import { Wait } from "./wait.js";

function preview(row) {
  if ([...(typing.value.get(row.id)?.values() ?? [])].some((who) => who.kind === "contact")) return html`<em class="row-typing">typing …</em>`;
  if (row.preview_text === null) return html`<em>New message</em>`;
  const mine = row.last_direction === "out" ? html`<${Icon} name="reply" size=${13} />` : null;
  return html`${mine}${row.preview_text || "No message yet"}`;
}

function where(row) {
  if (row.status === "snoozed") return ["clock", `until ${time.until(row.snoozed_until, now())}`];
  if (row.status === "resolved") return ["check", "Done"];
  if (row.assignee && row.assignee !== me.value?.id) return ["person", agentName(row.assignee)];
  if (row.assignee) return row.queue ? ["queue", queueName(row.queue)] : [channelIcon(row.connector), channelOf(row)?.name || row.channel];
  if (row.offer) return ["bolt", `offered to ${asked(row.offer).map((one) => (one === me.value?.id ? "you" : agentName(one))).join(", ")}`];
  return row.queue ? ["queue", queueName(row.queue)] : ["tray", "Unassigned"];
}

function Chips({ row }) {
  const place = where(row);
  const waits = row.status === "open" && !row.assignee && row.waiting_since;
  return html`<span class="row-chips">
    ${row.send_mark && html`<span class="chip chip-bad"><${Icon} name="warn" size=${12} />Not sent</span>`}
    <${Due} row=${row} kind="chip" size=${12} />
    ${row.priority > 0 && html`<span class="chip chip-hot"><${Icon} name="flag" size=${12} />${priorityName(row.priority)}</span>`}
    ${waits > 0 && html`<span class="chip" title="Waiting since ${time.full(waits)}"><${Icon} name="clock" size=${12} />
      <${Wait} since=${waits} /></span>`}
    ${place && html`<span class="chip"><${Icon} name=${place[0]} size=${12} />${place[1]}</span>`}
    ${row.tags.slice(0, 3).map((tag) => html`<span class="chip chip-tag" key=${tag}>${tag}</span>`)}
    ${row.tags.length > 3 && html`<span class="chip">+${row.tags.length - 3}</span>`}
  </span>`;
}

/** `snippet` takes the place of the last message in search results. */
export function Row({ row, index, total, active, picked, height, onOpen, snippet = "" }) {
  const name = contactName(row);
  const fresh = row.unread > 0;
  const pick = (event) => {
    event.stopPropagation();
    select(row.id);
  };
  const state = `row ${active ? "is-active" : ""} ${fresh ? "is-unread" : ""} ${picked ? "is-picked" : ""}`;
  return html`<li id="row-${row.id}" class=${state} role="option" aria-selected=${active || picked} aria-setsize=${total} aria-posinset=${index + 1}
      style=${{ transform: `translateY(${index * height}px)` }} onClick=${(event) => (event.ctrlKey || event.metaKey ? pick(event) : onOpen(row))}>
    <span class="row-mark" onClick=${pick} title="Pick (X)"><${Avatar} name=${name} id=${row.contact?.id || row.id} connector=${row.connector} />
      <span class="row-tick"><${Icon} name="check" size=${16} /></span></span>
    <span class="row-top"><span class="row-name" dir="auto">${name}</span>
      <time dateTime=${time.iso(row.updated_at)} title=${time.full(row.updated_at)}>${time.short(row.updated_at, minutes.value)}</time></span>
    <span class="row-line" dir="auto">${row.subject && html`<span class="row-subject">${row.subject}</span>`}<span class="row-preview">
      ${snippet || preview(row)}</span></span>
    <span class="row-foot"><${Chips} row=${row} />${fresh && html`<span class="row-unread" aria-label="${row.unread} new">
      ${row.unread > 99 ? "99+" : row.unread}</span>`}</span>
  </li>`;
}
