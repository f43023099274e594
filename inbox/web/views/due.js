// The mark of a conversation's service level: when something is due, that it is at risk, or for how long it has been late.
import { html } from "htm/preact";
import { minutes, seconds } from "../lib/clock.js";
import { mark } from "../lib/due.js";
import { Icon } from "./icon.js";

export const TONES = { running: "", at_risk: "is-at-risk", breached: "is-late" };

/** `kind` is the class of its neighbours: a chip of a row, a fact of the head. */
export function Due({ row, kind, size }) {
  const rough = mark(row.level, minutes.value);
  if (!rough) return null;
  const due = rough.near ? mark(row.level, seconds.value) : rough;
  return html`<span class="${kind} due ${TONES[due.state]}" title=${due.title}>
    <${Icon} name=${due.state === "running" ? "clock" : "warn"} size=${size} />${due.text}</span>`;
}
