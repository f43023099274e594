// Short words about what has just happened, with a way back where there is one; and what is said to screen readers.
import { html } from "htm/preact";
import { announcement, dismiss, toasts } from "../state/ui.js";
import { IconButton, Keys } from "./button.js";

export function Toasts() {
  return html`<div class="toasts">
    ${toasts.value.map((toast) => html`<div key=${toast.id} class="toast toast-${toast.tone}">
      <span>${toast.text}</span>
      ${toast.action && html`<button type="button" class="toast-action" onClick=${() => { dismiss(toast.id); toast.action.run(); }}>
        ${toast.action.label}<${Keys} keys=${toast.action.keys} /></button>`}
      <${IconButton} icon="x" size=${14} label="Dismiss" onClick=${() => dismiss(toast.id)} />
    </div>`)}
    <p class="unseen" role="status" aria-live="polite">${announcement.value}</p>
  </div>`;
}
