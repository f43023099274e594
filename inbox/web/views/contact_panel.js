// Beside the thread: who the customer is, on which channels, what was said on all of them, and who might be the same person.
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { minutes } from "../lib/clock.js";
import * as time from "../lib/time.js";
import { readContact, rename } from "../state/people.js";
import { contactName, current, isAdmin } from "../state/select.js";
import { contacts, ready } from "../state/store.js";
import { dialog, panel } from "../state/ui.js";
import { Avatar } from "./avatar.js";
import { Button, IconButton } from "./button.js";
import { Identities } from "./identities.js";
import { Kin } from "./kin.js";
import { Timeline } from "./timeline.js";

function Name({ contact, fallback }) {
  const [editing, setEditing] = useState(false);
  const name = contact?.name || fallback;
  const save = (event) => {
    event.preventDefault();
    setEditing(false);
    const next = new FormData(event.target).get("name").trim();
    if (next && next !== contact.name) rename(contact, next);
  };
  if (!editing) {
    return html`<div class="who-name"><h2 dir="auto">${name}</h2>
      ${contact && html`<${IconButton} icon="pen" size=${14} label="Change the name" onClick=${() => setEditing(true)} />`}</div>`;
  }
  return html`<form class="who-form" onSubmit=${save}>
    <input name="name" defaultValue=${name} aria-label="Name" autofocus ref=${(input) => input?.focus()}
          onKeyDown=${(event) => event.key === "Escape" && setEditing(false)} />
    <${Button} type="submit" tone="quiet">Save<//>
  </form>`;
}

function Facts({ contact }) {
  const facts = Object.entries(contact.attributes ?? {}).filter(([, value]) => value);
  if (!facts.length) return null;
  return html`<dl class="attributes">${facts.slice(0, 30).map(([key, value]) => html`<div key=${key}><dt>${key}</dt><dd dir="auto">
    ${String(value)}</dd></div>`)}</dl>`;
}

export function ContactPanel() {
  const row = current.value;
  const id = row?.contact?.id;
  const contact = contacts.value.get(id);
  const wanted = panel.value && ready.value && id;
  useEffect(() => {
    if (wanted && !contacts.peek().has(id)) readContact(id);
  }, [wanted, id, contact === undefined]);
  if (!row || !panel.value) return null;
  return html`<aside class="panel" aria-label="Customer">
    <header class="panel-head"><span>Customer</span>
      <${IconButton} icon="x" label="Hide the customer" keys="." onClick=${() => (panel.value = false)} /></header>
    <div class="panel-scroll">
      <div class="who">
        <${Avatar} name=${contact?.name || contactName(row)} id=${id || row.id} size="l" />
        <${Name} key=${id} contact=${contact} fallback=${contactName(row)} />
        <p class="who-since">${[row.language && `Writes ${languageName(row.language)}`, known(contact)].filter(Boolean).join(" · ")}</p>
      </div>
      ${contact && html`<${Facts} contact=${contact} /><${Identities} contact=${contact} /><${Kin} contact=${contact} />`}
      ${id && html`<${Timeline} key=${id} contact=${id} here=${row.id} />`}
      ${contact && isAdmin.value && !contact.merged_into && html`<section class="panel-part"><button type="button" class="link is-danger"
            onClick=${() => (dialog.value = { kind: "erase", contact })}>Erase this person …</button></section>`}
    </div>
  </aside>`;
}

function known(contact) {
  if (!contact?.created_at) return "";
  const now = minutes.value;
  return time.daysAgo(contact.created_at, now) === 0 ? "New today" : `Known since ${time.dayOf(contact.created_at, now)}`;
}

function languageName(code) {
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(code);
  } catch {
    return code;
  }
}
