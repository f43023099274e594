// A round mark for a person: their initials in a tone of their own; agents with their state, customers with their channel.
import { html } from "htm/preact";
import { initials, tone } from "../lib/text.js";
import { channelIcon, Icon } from "./icon.js";

export function Avatar({ name, id = name, size = "m", connector = "", status = "" }) {
  return html`<span class="avatar avatar-${size} tone-${tone(id || name)}" aria-hidden="true">
    ${initials(name)}
    ${connector && html`<span class="avatar-channel"><${Icon} name=${channelIcon(connector)} size=${12} /></span>`}
    ${status && html`<span class="avatar-status status-${status}"></span>`}
  </span>`;
}
