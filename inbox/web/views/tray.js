// The files of a draft: on their way, here, or refused.
import { html } from "htm/preact";
import { bytes } from "../lib/text.js";
import { detach, uploadsOf } from "../state/compose.js";
import { IconButton } from "./button.js";
import { Icon } from "./icon.js";

export function Tray({ id, mode }) {
  const files = uploadsOf(id, mode);
  if (!files.length) return null;
  return html`<ul class="tray" aria-label="Files to be sent">
    ${files.map((file) => html`<li key=${file.key} class="tray-file ${file.error ? "is-bad" : ""}">
      <${Icon} name=${file.error ? "warn" : "file"} size=${16} />
      <span class="file-name" dir="auto">${file.name}</span>
      <small>${file.error || bytes(file.size)}</small>
      ${!file.error && !file.attachment && html`<progress max="1" value=${file.progress} aria-label="Sending ${file.name}"></progress>`}
      <${IconButton} icon="x" size=${14} label=${file.attachment || file.error ? `Take out ${file.name}` : `Cancel ${file.name}`}
            onClick=${() => detach(id, mode, file.key)} />
    </li>`)}
  </ul>`;
}
