// What fits the word being typed after a mark (@ for colleagues, / for canned replies): a list above the text, for keys and mouse.
import { html } from "htm/preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** `pattern` finds the word before the caret; `items` answers what fits it; `word` is what an item puts in place of mark and word. */
export function Suggest({ area, text, pattern, label, items, word, onText, children }) {
  const [at, setAt] = useState(0);
  const caret = area.current?.selectionStart ?? text.length;
  const call = pattern.exec(text.slice(0, caret));
  const found = call ? items(call[1]) : [];
  const chosen = Math.min(at, found.length - 1);
  const choose = (item) => {
    const start = caret - call[1].length - 1;
    const put = word(item);
    onText(`${text.slice(0, start)}${put}${text.slice(caret)}`);
    requestAnimationFrame(() => area.current?.setSelectionRange(start + put.length, start + put.length));
    area.current?.focus();
  };
  // Before the next key can come: after the paint, two quick keys would both count from the same row.
  useLayoutEffect(() => {
    const element = area.current;
    const onKey = (event) => {
      if (!found.length || event.isComposing || event.ctrlKey || event.metaKey) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) setAt((chosen + step + found.length) % found.length);
      else if (event.key === "Enter" || event.key === "Tab") choose(found[chosen]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    element?.addEventListener("keydown", onKey);
    return () => element?.removeEventListener("keydown", onKey);
  });
  if (!found.length) return null;
  return html`<ul class="mentions" role="listbox" aria-label=${label}>
    ${found.map((item, i) => html`<li key=${i} role="option" aria-selected=${i === chosen}
          onMouseDown=${(event) => { event.preventDefault(); choose(item); }}>${children(item)}</li>`)}
  </ul>`;
}
