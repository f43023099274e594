// All keys, straight from the list of commands.
import { html } from "htm/preact";
import { COMMANDS, singleKeys } from "../state/commands.js";
import { Keys } from "./button.js";
import { Dialog } from "./dialog.js";

export function Help() {
  const groups = [...new Set(COMMANDS.map((command) => command.group))];
  return html`<${Dialog} label="Keyboard shortcuts" title="Keyboard shortcuts" kind="wide">
    ${!singleKeys() && html`<p class="muted">Single keys are switched off in your settings.</p>`}
    <div class="help" tabindex="0">
      ${groups.map((group) => html`<section key=${group}><h3>${group}</h3><dl>
        ${COMMANDS.filter((command) => command.group === group).map((command) => html`<div key=${command.id}><dt>${command.name}</dt><dd>
          ${command.keys.map((keys, i) => html`${i > 0 && html`<i>or</i>`}<${Keys} keys=${keys} />`)}</dd></div>`)}
      </dl></section>`)}
    </div>
  <//>`;
}
