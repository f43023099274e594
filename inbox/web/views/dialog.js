// The frame of every dialog: in front of everything, keeps the focus, closes by Escape and by a press beside it.
import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { hold } from "../lib/focus.js";
import { dialog } from "../state/ui.js";
import { IconButton } from "./button.js";

export const close = () => (dialog.value = null);

export function Dialog({ label, kind = "", title = "", children }) {
  const box = useRef(null);
  useLayoutEffect(() => hold(box.current), []);
  const onKey = (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  const beside = (event) => event.target === event.currentTarget && close();
  return html`<div class="scrim" onMouseDown=${beside}>
    <div class="dialog dialog-${kind}" role="dialog" aria-modal="true" aria-label=${label} tabindex="-1" ref=${box} onKeyDown=${onKey}>
      ${title && html`<header class="dialog-head"><h2>${title}</h2><${IconButton} icon="x" label="Close" keys="Escape" onClick=${close} /></header>`}
      ${children}
    </div>
  </div>`;
}
