// A list to choose from by typing: the palette and every "to whom, where, until when" use it.
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { matches } from "../lib/text.js";
import { Keys } from "./button.js";
import { close, Dialog } from "./dialog.js";
import { Icon } from "./icon.js";

const SHOWN = 60;

/** `items`: [{id, label, hint, icon, mark, keys, group, more, checked, run(query)}]. `extra(query)` may add one. Stays open when `many`. */
export function Picker({ label, placeholder = "Type to find", items, extra, many = false, footer }) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const added = extra?.(query);
  const found = [...items.filter((item) => matches(query, `${item.label} ${item.more ?? ""}`)), ...(added ? [added] : [])].slice(0, SHOWN);
  const chosen = Math.min(at, found.length - 1);
  const choose = (item) => {
    if (!item) return;
    if (!many) close();
    else setQuery("");
    item.run(query);
  };
  const onKey = (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((chosen + step + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") choose(found[chosen]);
    else return;
    event.preventDefault();
  };
  const onInput = (event) => {
    setQuery(event.target.value);
    setAt(0);
  };
  return html`<${Dialog} label=${label} kind="picker">
    <div class="picker-field">
      <span class="picker-label">${label}</span>
      <input id="picker" autofocus autocomplete="off" spellcheck=${false} placeholder=${placeholder} value=${query} onInput=${onInput}
            onKeyDown=${onKey}
        role="combobox" aria-label=${label} aria-expanded="true" aria-controls="picker-list"
              aria-activedescendant=${found.length ? `pick-${chosen}` : undefined} />
    </div>
    <${Options} found=${found} chosen=${chosen} choose=${choose} hover=${setAt} />
    ${footer}
  <//>`;
}

function Options({ found, chosen, choose, hover }) {
  const list = useRef(null);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [chosen]);
  return html`<ul class="picker-list" id="picker-list" role="listbox" aria-label="Choices" ref=${list}>
    ${found.map((item, i) => [
      item.group && item.group !== found[i - 1]?.group && html`<li class="picker-group" role="presentation" key=${`g${item.group}`}>
        ${item.group}</li>`,
      html`<li key=${item.id} id="pick-${i}" role="option" class="picker-item" aria-selected=${i === chosen}
            onMouseMove=${() => i !== chosen && hover(i)} onClick=${() => choose(item)}>
        ${item.mark ?? (item.icon && html`<${Icon} name=${item.icon} size=${16} />`)}
        <span class="picker-text">${item.label}${item.hint && html`<small>${item.hint}</small>`}</span>
        ${item.checked && html`<${Icon} name="check" size=${16} />`}
        <${Keys} keys=${item.keys} />
      </li>`,
    ])}
    ${!found.length && html`<li class="picker-none" role="presentation">Nothing fits.</li>`}
  </ul>`;
}
