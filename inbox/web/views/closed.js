// That a queue is closed by its hours, and when it opens again.
import { html } from "htm/preact";
import { minutes } from "../lib/clock.js";
import { closed } from "../lib/hours.js";
import { queueOf } from "../state/select.js";
import { Icon } from "./icon.js";

/** `kind` is the class of its neighbours: a chip of a row, a fact of the head. */
export function Closed({ id, kind, size = 14 }) {
  const said = closed(queueOf(id), minutes.value);
  return said && html`<span class="${kind} closed" title=${said.title}><${Icon} name="moon" size=${size} />${said.text}</span>`;
}
