// To whom a reply goes beside the customer: open copies and hidden ones. Two quiet words until there is somebody.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { copiesOf, setCopies, takesCopies } from "../state/copies.js";
import { AddressField } from "./address_field.js";

const KINDS = [["cc", "Cc", "Everybody sees who gets a copy"], ["bcc", "Bcc", "Nobody sees who gets a hidden copy"]];

/** The buttons that open a field, and the fields that are open: a hook, as they stand in two places. */
export function useRecipients(row) {
  const [opened, setOpened] = useState({});
  if (!takesCopies(row)) return { buttons: null, fields: null };
  const copies = copiesOf(row.id);
  const open = (kind) => opened[kind] || copies[kind].length > 0;
  const buttons = KINDS.filter(([kind]) => !open(kind)).map(([kind, label, hint]) => html`<button type="button" key=${kind}
      class="composer-copy" title=${hint} onClick=${() => setOpened({ ...opened, [kind]: true })}>${label}</button>`);
  const fields = KINDS.filter(([kind]) => open(kind)).map(([kind, label]) => html`<${AddressField} key=${kind} id="composer-${kind}"
      label=${label} list=${copies[kind]} autofocus=${Boolean(opened[kind])} onList=${(list) => setCopies(row.id, kind, list)} />`);
  return { buttons, fields: fields.length ? html`<div class="composer-copies">${fields}</div>` : null };
}

const named = (list) => list.map(([address, name]) => name || address).join(", ");
const full = (list) => list.map(([address, name]) => (name ? `${name} <${address}>` : address)).join("\n");

/** Who else got a message: under its head. `data` is what its channel says about it. */
export function Copied({ data, direction }) {
  const lists = direction === "in" ? [["Also to", data?.others ?? data?.cc]] : [["Cc", data?.cc], ["Bcc", data?.bcc]];
  const some = lists.filter(([, list]) => list?.length);
  if (!some.length) return null;
  return html`<p class="message-copied">${some.map(([label, list]) => html`<span key=${label} title=${full(list)}><b>${label}</b>${" "}<bdi>${named(list)}</bdi></span>`)}</p>`;
}
