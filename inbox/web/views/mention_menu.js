// Calling a colleague in a note: the names that fit what is typed after an @.
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { matches } from "../lib/text.js";
import { agents } from "../state/store.js";
import { Avatar } from "./avatar.js";

const CALL = /(?:^|\s)@([\p{L}\p{N}._-]{0,30})$/u;
const SHOWN = 6;

/** The logins that `text` calls. */
export function mentionsIn(text, known) {
  const called = [...text.matchAll(/(?:^|[\s(])@([\w.-]+)/g)].map((match) => match[1].replace(/[.-]+$/, ""));
  return [...new Set(called)].filter((login) => known.has(login));
}

export function MentionMenu({ area, text, onText }) {
  const [at, setAt] = useState(0);
  const caret = area.current?.selectionStart ?? text.length;
  const call = CALL.exec(text.slice(0, caret));
  const found = call ? [...agents.value.values()].filter((one) => one.active && matches(call[1], `${one.id} ${one.name}`)).slice(0, SHOWN) : [];
  const chosen = Math.min(at, found.length - 1);
  const choose = (agent) => {
    const start = caret - call[1].length;
    onText(`${text.slice(0, start)}${agent.id} ${text.slice(caret)}`);
    requestAnimationFrame(() => area.current?.setSelectionRange(start + agent.id.length + 1, start + agent.id.length + 1));
    area.current?.focus();
  };
  useEffect(() => {
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
  return html`<ul class="mentions" role="listbox" aria-label="Colleagues">
    ${found.map((agent, i) => html`<li key=${agent.id} role="option" aria-selected=${i === chosen}
          onMouseDown=${(event) => { event.preventDefault(); choose(agent); }}>
      <${Avatar} name=${agent.name || agent.id} id=${agent.id} size="xs" status=${agent.status} />${agent.name}<small>@${agent.id}</small></li>`)}
  </ul>`;
}
