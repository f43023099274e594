// A field for several addresses: each stands for itself and can be taken out; what is no address is marked and kept until it is mended.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { joined, readAddresses } from "../lib/addresses.js";
import { Icon } from "./icon.js";

function Address({ one, onTake }) {
  const shown = one.name || one.address;
  return html`<span class="address ${one.bad ? "is-bad" : ""}" title=${one.bad ? `${one.address} is no address` : one.address}>
    <span class="address-name" dir="auto">${shown}</span>
    <button type="button" class="address-out" aria-label="Take out ${one.address}" onClick=${onTake}><${Icon} name="x" size=${12} /></button></span>`;
}

/** What a key does in the field, or undefined. `take` makes addresses of what is typed, `edit` takes the last one back into the field. */
function meaning(event, typed, take, edit) {
  if (event.isComposing || event.ctrlKey || event.metaKey) return undefined;
  if (["Enter", ",", ";"].includes(event.key)) return typed.trim() || event.key !== "Enter" ? take : () => {};
  return event.key === "Backspace" && !typed ? edit : undefined;
}

export function AddressField({ id, label, list, onList, autofocus = false }) {
  const [typed, setTyped] = useState("");
  const take = (text = typed) => {
    const found = readAddresses(text);
    setTyped("");
    if (found.length) onList(joined(list, found));
  };
  const edit = () => {
    const last = list.at(-1);
    if (!last) return;
    setTyped(last.name && !last.bad ? `${last.name} <${last.address}>` : last.address);
    onList(list.slice(0, -1));
  };
  const onKey = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return take();
    const act = meaning(event, typed, () => take(), edit);
    if (!act) return undefined;
    event.preventDefault();
    return act();
  };
  const onPaste = (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[,;\n]/.test(text)) return;
    event.preventDefault();
    take(`${typed}${text}`);
  };
  return html`<div class="addresses">
    <label class="addresses-label" for=${id}>${label}</label>
    <div class="addresses-box">
      ${list.map((one) => html`<${Address} key=${one.address} one=${one} onTake=${() => onList(list.filter((other) => other !== one))} />`)}
      <input id=${id} type="text" inputmode="email" autocomplete="off" autocapitalize="off" spellcheck=${false} dir="auto" value=${typed}
        ref=${(input) => autofocus && input && !input.dataset.begun && ((input.dataset.begun = 1), input.focus())}
        placeholder=${list.length ? "" : "name@example.com"} onInput=${(event) => setTyped(event.target.value)} onKeyDown=${onKey}
        onPaste=${onPaste} onBlur=${() => take()} />
    </div>
  </div>`;
}
