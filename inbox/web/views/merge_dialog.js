// Merging two contacts: finding the other one if it is not suggested, then a look before the leap.
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { findContacts } from "../state/people.js";
import { Avatar } from "./avatar.js";
import { close, Dialog } from "./dialog.js";
import { MergeWords } from "./kin.js";

function Find({ contact, onPick }) {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState([]);
  useEffect(() => {
    let live = true;
    const timer = setTimeout(async () => {
      const items = query.trim().length < 2 ? [] : await findContacts(query.trim()).catch(() => []);
      if (live) setFound(items.filter((one) => one.id !== contact.id));
    }, 150);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [query]);
  return html`<input class="field" autofocus placeholder="Name or address" aria-label="Find a contact" value=${query}
        onInput=${(event) => setQuery(event.target.value)} />
    <ul class="found">${found.map((one) => html`<li key=${one.id}><button type="button" onClick=${() => onPick(one)}>
      <${Avatar} name=${one.name} id=${one.id} size="s" /><span>${one.name || "Unnamed"}<small>
      ${(one.identities ?? []).map((identity) => identity.address).join(", ")}</small></span></button></li>`)}</ul>
    ${query.trim().length > 1 && !found.length && html`<p class="muted">No other contact fits.</p>`}`;
}

export function MergeDialog({ contact, other }) {
  const [picked, setPicked] = useState(other);
  return html`<${Dialog} label="Merge contacts" title="Merge contacts" kind="form">
    ${picked ? html`<${MergeWords} contact=${contact} other=${picked} done=${close} />` : html`<${Find} contact=${contact} onPick=${setPicked} />`}
  <//>`;
}
