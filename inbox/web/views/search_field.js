// The search above the list: asks while typing, a little after the last key.
import { html } from "htm/preact";
import { useRef } from "preact/hooks";
import { find, leaveSearch } from "../state/reading.js";
import { search } from "../state/ui.js";
import { IconButton, Keys } from "./button.js";
import { Icon } from "./icon.js";

const PAUSE_MS = 180;

export function SearchField() {
  const timer = useRef(0);
  const input = useRef(null);
  const ask = (event) => {
    const q = event.target.value.trim();
    clearTimeout(timer.current);
    if (q.length < 2) return leaveSearch();
    timer.current = setTimeout(() => find(q), PAUSE_MS);
    return undefined;
  };
  const clear = () => {
    clearTimeout(timer.current);
    input.current.value = "";
    leaveSearch();
  };
  const onKey = (event) => {
    if (event.key === "Escape" && !event.isComposing) {
      clear();
      input.current.blur();
      event.preventDefault();
    } else if (event.key === "Enter" || event.key === "ArrowDown") {
      document.querySelector("#list")?.focus();
      event.preventDefault();
    }
  };
  if (!search.value && input.current && document.activeElement !== input.current) input.current.value = "";
  return html`<div class="search" role="search">
    <${Icon} name="search" size=${16} />
    <input id="search" type="search" ref=${input} placeholder="Search messages and people" aria-label="Search messages and people"
          autocomplete="off" spellcheck=${false}
      onInput=${ask} onKeyDown=${onKey} />
    ${search.value ? html`<${IconButton} icon="x" label="Leave the search" size=${14} onClick=${clear} />` : html`<${Keys} keys="/" />`}
  </div>`;
}
