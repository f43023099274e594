// What stands where there is nothing: why, and what to do about it.
import { html } from "htm/preact";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

export function Empty({ icon, title, text, action = "", onAction }) {
  return html`<div class="empty">
    <span class="empty-mark"><${Icon} name=${icon} size=${26} /></span>
    <h2>${title}</h2>
    <p>${text}</p>
    ${action && html`<${Button} onClick=${onAction}>${action}<//>`}
  </div>`;
}
