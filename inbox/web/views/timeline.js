// Everything that was said with this person, on every channel, newest first.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { minutes } from "../lib/clock.js";
import * as time from "../lib/time.js";
import { open } from "../state/intents.js";
import { readTimeline } from "../state/people.js";
import { channelOf } from "../state/select.js";
import { conversations, ready, threads, timelines } from "../state/store.js";
import { Button } from "./button.js";
import { channelIcon, Icon } from "./icon.js";

const LAST = 3;
const STATES = { open: "open", snoozed: "asleep", resolved: "done" };

/** What is open in the page is newer than what the timeline was read with. */
function latest(entry) {
  const id = entry.conversation.id;
  const thread = threads.value.get(id);
  const messages = thread?.state === "ready" && thread.items.length ? thread.items.slice(-LAST) : entry.messages;
  return { row: conversations.value.get(id) ?? entry.conversation, messages: messages ?? [] };
}

function Entry({ entry, here }) {
  const { row, messages } = latest(entry);
  const status = row.status ?? "open";
  const said = messages.filter((item) => item.content?.text);
  return html`<li class="past ${row.id === here ? "is-here" : ""}">
    <button type="button" onClick=${() => open(row.id)} aria-current=${row.id === here ? "true" : undefined}>
      <span class="past-mark"><${Icon} name=${channelIcon(row.connector)} size=${14} /></span>
      <span class="past-top"><strong dir="auto">${row.subject || channelOf(row)?.name || row.channel}</strong>
        <time dateTime=${time.iso(row.updated_at)} title=${time.full(row.updated_at)}>${time.short(row.updated_at, minutes.value)}</time>
        </span>
      ${said.map((item) => html`<span key=${item.id} class="past-said past-${item.direction}" dir="auto">${item.content.text.slice(0, 140)}</span>`)}
      <small>${row.id === here ? "this conversation" : row.spam ? "spam" : STATES[status]} · ${channelOf(row)?.name || row.channel}</small>
    </button>
  </li>`;
}

export function Timeline({ contact, here }) {
  const timeline = timelines.value.get(contact);
  useEffect(() => {
    if (ready.value && !timeline) readTimeline(contact);
  }, [contact, ready.value, timeline === undefined]);
  return html`<section class="panel-part"><h3>Timeline</h3>
    ${timeline?.state === "failed" && html`<p class="muted">Could not be read. <button type="button" class="link"
          onClick=${() => readTimeline(contact)}>Try again</button></p>`}
    <ol class="pasts">${(timeline?.items ?? []).map((entry) => html`<${Entry} key=${entry.conversation.id} entry=${entry} here=${here} />`)}</ol>
    ${timeline?.state === "ready" && !timeline.items.length && html`<p class="muted">Nothing yet.</p>`}
    ${timeline?.next && html`<${Button} tone="quiet" onClick=${() => readTimeline(contact, true)}>Earlier<//>`}
  </section>`;
}
