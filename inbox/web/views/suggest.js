// What fits the word being typed after a mark (@ for colleagues, / for canned replies): a list above the text, for keys and mouse.
import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Puts the caret where it belongs with the text that was put in, not a frame later: the next key may be there by then. */
function useCaret(area, text) {
  const place = useRef(-1);
  useLayoutEffect(() => {
    if (place.current >= 0) area.current?.setSelectionRange(place.current, place.current);
    place.current = -1;
  }, [text]);
  return (at) => (place.current = at);
}

/** `pattern` finds the word before the caret; `items` answers what fits it; `word` is what an item puts in place of mark and word. */
export function Suggest({ area, text, pattern, label, items, word, onText, children }) {
  const [at, setAt] = useState(0);
  const [left, setLeft] = useState(null);
  const list = useRef(null);
  const moveTo = useCaret(area, text);
  const caret = area.current?.selectionStart ?? text.length;
  const call = pattern.exec(text.slice(0, caret));
  const found = call && left !== text ? items(call[1]) : [];
  const chosen = Math.min(at, found.length - 1);
  const choose = (item) => {
    const start = caret - call[1].length - 1;
    const put = word(item);
    moveTo(start + put.length);
    onText(`${text.slice(0, start)}${put}${text.slice(caret)}`);
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
      else if (event.key === "Escape") setLeft(text);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    element?.addEventListener("keydown", onKey);
    return () => element?.removeEventListener("keydown", onKey);
  });
  useLayoutEffect(() => list.current?.children[chosen]?.scrollIntoView({ block: "nearest" }), [chosen]);
  if (!found.length) return null;
  return html`<ul class="mentions" ref=${list} role="listbox" aria-label=${label}>
    ${found.map((item, i) => html`<li key=${i} role="option" aria-selected=${i === chosen}
          onMouseDown=${(event) => { event.preventDefault(); choose(item); }}>${children(item)}</li>`)}
  </ul>`;
}
