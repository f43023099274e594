// The state of the line: nothing while it holds; after a moment's absence a banner that says what goes on.
import { html } from "htm/preact";
import { seconds } from "../lib/clock.js";
import { retryNow } from "../state/live.js";
import { line, ready } from "../state/store.js";

const PATIENCE_MS = 1500;

export function ConnectionBanner() {
  const { state, retryAt, since } = line.value;
  seconds.value; // looks again each second
  if (state === "live" || !ready.value || Date.now() - since < PATIENCE_MS) return null;
  const wait = Math.ceil((retryAt - Date.now()) / 1000);
  const offline = navigator.onLine === false;
  return html`<div class="line-banner" role="status">
    <span class="line-dot" aria-hidden="true"></span>
    <strong>${offline ? "You are offline." : "No connection to the server."}</strong>
    <span>What you see may be old; what you send waits. ${state === "waiting" && wait > 0 ? `Trying again in ${wait} s.` : "Connecting …"}</span>
    ${state === "waiting" && html`<button type="button" class="link" onClick=${retryNow}>Try now</button>`}
  </div>`;
}
