// The same person elsewhere: suggestions with their reason, merging by hand, and the way back.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { merge, unmerge } from "../state/people.js";
import { dialog } from "../state/ui.js";
import { Avatar } from "./avatar.js";
import { Button } from "./button.js";

export function Kin({ contact }) {
  const [refused, setRefused] = useState([]);
  const suggestions = (contact.suggestions ?? []).filter((one) => !refused.includes(one.id));
  const ask = (other) => (dialog.value = { kind: "merge", contact, other });
  return html`<section class="panel-part">
    ${suggestions.map((one) => html`<div class="suggestion" key=${one.id}>
      <${Avatar} name=${one.name} id=${one.id} size="s" />
      <div><p>Perhaps the same as <strong>${one.name || "another contact"}</strong></p><small>${one.why}</small>
        <div class="suggestion-verbs"><${Button} tone="quiet" icon="merge" onClick=${() => ask(one)}>Merge<//>
          <${Button} tone="quiet" onClick=${() => setRefused([...refused, one.id])}>Not the same<//></div></div>
    </div>`)}
    ${contact.merged?.length > 0 && html`<h3>Merged in</h3><ul class="merged">${contact.merged.map((one) => html`<li key=${one.id}>
      <${Avatar} name=${one.name} id=${one.id} size="xs" /><span>${one.name || "Unnamed"}</span>
      <button type="button" class="link" onClick=${() => unmerge(contact, one)} aria-label="Un-merge ${one.name}">Un-merge</button></li>`)}</ul>`}
    <button type="button" class="link" onClick=${() => ask(null)}>Merge with another contact …</button>
  </section>`;
}

/** Said before a merge: what happens, and that it can be undone. */
export function MergeWords({ contact, other, done }) {
  return html`<div class="merge">
    <div class="merge-pair"><span><${Avatar} name=${other.name} id=${other.id} size="l" />${other.name || "Unnamed"}</span>
      <i aria-hidden="true">→</i><span><${Avatar} name=${contact.name} id=${contact.id} size="l" />${contact.name || "Unnamed"}</span></div>
    <p>The addresses and conversations of <strong>${other.name || "the other contact"}</strong> will be shown with <strong>
      ${contact.name || "this contact"}</strong>. Customers never see each other's history. You can un-merge at any time.</p>
    <div class="dialog-verbs"><${Button} onClick=${done}>Cancel<//>
      <${Button} tone="main" icon="merge" autofocus onClick=${() => { done(); merge(contact, other); }}>Merge<//></div>
  </div>`;
}
