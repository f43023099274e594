// Whoever gets no work because of their status is told so for as long as it lasts, with the reason and the way back.
import { html } from "htm/preact";
import { minutes } from "../lib/clock.js";
import * as time from "../lib/time.js";
import { setStatus } from "../state/people.js";
import { myself } from "../state/select.js";
import { ready } from "../state/store.js";
import { Button } from "./button.js";

const WAYS_BACK = { away: "Back online", offline: "Go online" };

/** The clock decides, so there is no button. */
const OffDuty = ({ why, until }) => html`<div class="duty-banner" role="status">
  <span class="dot status-away" aria-hidden="true"></span>
  <p><strong>You are ${why}${until ? ` until ${time.until(until, minutes.value)}` : ""}.</strong> No new work comes to you.</p>
</div>`;

export function DutyBanner() {
  const { status, reason, capacity, off_duty, duty_until } = myself.value ?? {};
  if (!ready.value || !(capacity > 0)) return null;
  if (!WAYS_BACK[status]) return off_duty ? html`<${OffDuty} why=${off_duty} until=${duty_until} />` : null;
  return html`<div class="duty-banner" role="status">
    <span class="dot status-${status}" aria-hidden="true"></span>
    <p><strong>You are ${status}${reason ? ":" : "."}</strong> ${reason && html`<span dir="auto">${reason}.</span> `}No new work comes to you.</p>
    <${Button} tone="quiet" onClick=${() => setStatus("online")}>${WAYS_BACK[status]}<//>
  </div>`;
}
