// Buttons: one with words, one with an icon only (whose words are its label and tooltip, with its key).
import { html } from "htm/preact";
import { keycaps } from "../lib/keys.js";
import { Icon } from "./icon.js";

/** The key of a command as small caps: <kbd>. */
export function Keys({ keys }) {
  if (!keys) return null;
  return html`<span class="keys">${keycaps(keys).map((cap) => html`<kbd>${cap}</kbd>`)}</span>`;
}

const withKey = (label, keys) => (keys ? `${label} (${keycaps(keys).join(" ")})` : label);

export function IconButton({ icon, label, keys = "", class: extra = "", size = 18, ...rest }) {
  return html`<button type="button" class="icon-button ${extra}" aria-label=${label} title=${withKey(label, keys)} ...${rest}>
    <${Icon} name=${icon} size=${size} />
  </button>`;
}

export function Button({ icon = "", tone = "plain", keys = "", children, class: extra = "", ...rest }) {
  return html`<button type="button" class="button button-${tone} ${extra}" ...${rest}>
    ${icon && html`<${Icon} name=${icon} size=${16} />`}<span>${children}</span>${keys && html`<${Keys} keys=${keys} />`}
  </button>`;
}
