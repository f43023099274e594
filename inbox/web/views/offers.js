// A conversation that is offered to this agent: who, where from, how long the offer stands, yes or no.
import { html } from "htm/preact";
import { useRef } from "preact/hooks";
import { seconds } from "../lib/clock.js";
import { plural } from "../lib/text.js";
import { accept, decline } from "../state/intents.js";
import { channelOf, contactName, offers, queueName } from "../state/select.js";
import { narrow } from "../state/ui.js";
import { Avatar } from "./avatar.js";
import { Button } from "./button.js";

const ROUND = 2 * Math.PI * 15;

/** The whole seconds left (the clock that ticks is up to one behind), and a ring that empties with them. */
function Countdown({ offer }) {
  const whole = useRef(Math.max(1, offer.expires_at - seconds.peek()));
  const left = Math.max(0, offer.expires_at - seconds.value);
  const part = Math.min(1, left / whole.current);
  return html`<span class="countdown ${left < 6 ? "is-short" : ""}" role="timer" aria-label="${Math.floor(left)} seconds left">
    <svg viewBox="0 0 36 36" width="36" height="36" aria-hidden="true"><circle cx="18" cy="18" r="15" />
      <circle class="countdown-left" cx="18" cy="18" r="15" stroke-dasharray=${ROUND} stroke-dashoffset=${ROUND * (1 - part)} /></svg>
    <b aria-hidden="true">${Math.floor(left)}</b></span>`;
}

function Offer({ row, first }) {
  return html`<div class="offer" role="alertdialog" aria-label="New conversation for you: ${contactName(row)}">
    <div class="offer-top">
      <${Avatar} name=${contactName(row)} id=${row.contact?.id || row.id} connector=${row.connector} />
      <div class="offer-words"><small>New · ${channelOf(row)?.name || row.channel}${row.queue ? ` · ${queueName(row.queue)}` : ""}</small>
        <strong dir="auto">${contactName(row)}</strong>
        <p dir="auto">${row.subject ? `${row.subject} — ` : ""}${row.preview_text}</p></div>
      <${Countdown} key=${row.offer.id} offer=${row.offer} />
    </div>
    <div class="offer-verbs"><${Button} keys=${first ? "d" : ""} onClick=${() => decline(row)}>Decline<//>
      <${Button} tone="main" keys=${first ? "y" : ""} onClick=${() => accept(row)}>Accept<//></div>
  </div>`;
}

const SHOWN = 3;

export function Offers() {
  const shown = narrow.value ? 1 : SHOWN;
  const more = offers.value.length - shown;
  return html`<div class="offers" aria-live="assertive" aria-label="Offers">
    ${offers.value.slice(0, shown).map((row, i) => html`<${Offer} key=${row.offer.id} row=${row} first=${i === 0} />`)}
    ${more > 0 && html`<p class="offers-more">and ${plural(more, "more offer")}</p>`}</div>`;
}
