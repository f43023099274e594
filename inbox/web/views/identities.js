// A contact's addresses: which channel, how sure we are, and the way to keep one out.
import { html } from "htm/preact";
import { block } from "../state/people.js";
import { channelIcon, Icon } from "./icon.js";

const SURE = {
  claimed: ["claimed", "Typed by the customer, not proven"],
  channel: ["", "Vouched for by the channel"],
  signed: ["signed", "Proven by your own site's signature"],
  agent: ["by hand", "Entered by a colleague"],
};

const KINDS = { email: "email", webchat: "webchat", telegram: "telegram", phone: "phone" };

/** An address as people read it. A visitor's key says nothing to anybody; it stays in the title. */
const shown = (one) => (one.scheme === "webchat" && /^[uv]_[0-9a-f]{32}$/.test(one.address) ? `Visitor ${one.address.slice(-4)}` : one.address);

export function Identities({ contact }) {
  if (!contact.identities?.length) return null;
  return html`<section class="panel-part"><h3>Addresses</h3><ul class="identities">
    ${contact.identities.map((one) => {
      const [word, meaning] = SURE[one.verified] ?? ["", ""];
      return html`<li key=${one.id} class="identity ${one.blocked ? "is-blocked" : ""}">
        <${Icon} name=${channelIcon(KINDS[one.scheme] ?? one.scheme)} size=${16} />
        <span class="identity-words"><span class="identity-address" dir="auto" title=${one.address}>
          ${one.display && ![contact.name, shown(one)].includes(one.display) ? `${one.display} · ` : ""}${shown(one)}</span>
          <small title=${meaning}>${one.scheme}${word && ` · ${word}`}${one.stopped ? " · has left" : ""}${one.blocked ? " · blocked" : ""}
            </small></span>
        <button type="button" class="link ${one.blocked ? "" : "is-danger"}" onClick=${() => block(contact, one, !one.blocked)}
              aria-label="${one.blocked ? "Unblock" : "Block"} ${shown(one)}">${one.blocked ? "Unblock" : "Block"}</button>
      </li>`;
    })}
  </ul></section>`;
}
