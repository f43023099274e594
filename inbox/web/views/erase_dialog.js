// Erasing a person: what goes, said before, and their name typed once more, as nothing of it comes back.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { erase } from "../state/people.js";
import { Button } from "./button.js";
import { close, Dialog } from "./dialog.js";

const same = (a, b) => a.trim().toLocaleLowerCase() === b.trim().toLocaleLowerCase();

export function EraseDialog({ contact }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const word = contact.name || "erase";
  const submit = async (event) => {
    event.preventDefault();
    if (!same(typed, word) || busy) return;
    setBusy(true);
    if (await erase(contact)) close();
    else setBusy(false);
  };
  return html`<${Dialog} label="Erase this person" title="Erase this person" kind="form"><form class="form" onSubmit=${submit}>
    <p><strong dir="auto">${contact.name || "This contact"}</strong> goes for good: everything that was said in all conversations with them, by
      them and by you, their names and addresses, and what their channels delivered. Files follow within two days.
      That they wrote, when, and who answered stays in the reports.</p>
    <p class="form-error">This cannot be undone, and backups made before still have it.</p>
    <label class="form-block"><span>Type <b dir="auto">${word}</b> to confirm</span>
      <input class="field" autofocus autocomplete="off" value=${typed} onInput=${(event) => setTyped(event.target.value)} /></label>
    <div class="dialog-verbs"><${Button} onClick=${close}>Cancel<//>
      <${Button} type="submit" tone="bad" disabled=${!same(typed, word) || busy}>${busy ? "Erasing …" : "Erase for good"}<//></div>
  </form><//>`;
}
