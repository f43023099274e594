// What can be done to several picked conversations at once.
import { html } from "htm/preact";
import { keyOf, run } from "../state/commands.js";
import { selected } from "../state/ui.js";
import { IconButton } from "./button.js";

const VERBS = [
  ["done", "check", "Done"],
  ["snooze", "clock", "Snooze"],
  ["assign", "personPlus", "Assign"],
  ["transfer", "move", "Move to a queue"],
  ["tag", "tag", "Tags"],
  ["spam", "ban", "Spam"],
];

export function BulkBar() {
  return html`<div class="bulk" role="toolbar" aria-label="For the picked conversations">
    <strong>${selected.value.size} picked</strong>
    ${VERBS.map(([id, icon, label]) => html`<${IconButton} key=${id} icon=${icon} label=${label} keys=${keyOf(id)} onClick=${() => run(id)} />`)}
    <${IconButton} icon="x" label="Pick none" keys="Escape" onClick=${() => (selected.value = new Set())} />
  </div>`;
}
