// A customer's letter that came to the wrong place: into another conversation of theirs on the same channel, or into one of its own.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { minutes } from "../lib/clock.js";
import * as time from "../lib/time.js";
import { move } from "../state/intents.js";
import { readTimeline } from "../state/people.js";
import { contactName } from "../state/select.js";
import { conversations, timelines } from "../state/store.js";
import { Button } from "./button.js";
import { close, Dialog } from "./dialog.js";

const STATES = { open: "open", snoozed: "asleep" };

/** Where the message may go: what the server would refuse is not offered. */
function places(row) {
  const items = timelines.value.get(row.contact?.id)?.items ?? [];
  const rows = items.map((entry) => conversations.value.get(entry.conversation.id) ?? entry.conversation);
  return rows.filter((one) => one.id !== row.id && one.channel === row.channel && one.status !== "resolved");
}

export function MoveDialog({ row, message }) {
  const contact = row.contact?.id;
  const timeline = timelines.value.get(contact);
  useEffect(() => {
    if (contact && !timeline) readTimeline(contact);
  }, [contact, timeline === undefined]);
  const found = places(row);
  const go = (to) => {
    close();
    move(row.id, message, to);
  };
  return html`<${Dialog} label="Move this message" title="Move this message" kind="form"><div class="form">
    <p class="muted">Into another conversation with ${contactName(row)} on this channel. They notice nothing; answers to it come to where it is.</p>
    ${timeline?.state === "ready" && !found.length && html`<p>There is no other that is open.</p>`}
    <ul class="found">${found.map((one) => html`<li key=${one.id}><button type="button" onClick=${() => go(one.id)}>
      <span dir="auto">${one.subject || "Without a subject"}<small>${one.spam ? "spam" : STATES[one.status]} · ${time.short(one.updated_at, minutes.value)}</small></span>
      </button></li>`)}</ul>
    ${timeline?.next && html`<${Button} tone="quiet" onClick=${() => readTimeline(contact, true)}>Earlier conversations<//>`}
    <div class="dialog-verbs"><${Button} onClick=${close}>Cancel<//>
      ${row.seq > 1 && html`<${Button} tone="main" autofocus onClick=${() => go("")}>To a conversation of its own<//>`}</div>
  </div><//>`;
}
