// Canned replies in a reply: what fits the word after a slash, filled in for this conversation, to be changed before it is sent.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { matches } from "../lib/text.js";
import { readCanned } from "../state/canned.js";
import { canned } from "../state/store.js";
import { Suggest } from "./suggest.js";

const CALL = /(?:^|\s)\/([\p{L}\p{N}._-]{0,40})$/u;
const SHOWN = 8;

/** Names that begin with the word come first, then whatever mentions it. */
function fitting(items, typed) {
  const begins = (one) => (one.name.startsWith(typed.toLowerCase()) ? 0 : 1);
  const found = items.filter((one) => matches(typed, `${one.name} ${one.title} ${one.text}`));
  return found.sort((a, b) => begins(a) - begins(b) || (a.name < b.name ? -1 : 1)).slice(0, SHOWN);
}

/** `source`: see `state/canned.js`. */
export function CannedMenu({ source, area, text, onText }) {
  const called = CALL.test(text.slice(0, area.current?.selectionStart ?? text.length));
  useEffect(() => {
    if (called) readCanned(source);
  }, [called, source]);
  const known = canned.value;
  return html`<${Suggest} area=${area} text=${text} onText=${onText} pattern=${CALL} label="Canned replies"
        items=${(typed) => fitting(known.source === source ? known.items : [], typed)} word=${(one) => one.text}>
    ${(one) => html`<span class="canned"><b>${one.title || one.name}<small>/${one.name}</small></b>
      <span class="canned-text">${one.text.slice(0, 120)}</span></span>`}
  <//>`;
}
