// Files of a message: pictures that a browser shows safely as small pictures, all others as names to download.
import { html } from "htm/preact";
import { bytes } from "../lib/text.js";
import { Icon } from "./icon.js";

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Only our own addresses: a file's url is never taken anywhere else. */
const own = (url) => (typeof url === "string" && url.startsWith("/api/v1/attachments/") ? url : undefined);

export function Attachments({ files = [] }) {
  const shown = files.filter((file) => !file.inline);
  if (!shown.length) return null;
  const pictures = shown.filter((file) => PICTURES.includes(file.content_type));
  const others = shown.filter((file) => !PICTURES.includes(file.content_type));
  return html`<div class="files">
    ${pictures.map((file) => html`<a key=${file.id} class="picture" href=${own(file.url)} target="_blank" rel="noopener"
          title="${file.name}, ${bytes(file.size)}"><img src=${own(file.url)} alt=${file.name} loading="lazy" /></a>`)}
    ${others.map((file) => html`<a key=${file.id} class="file" href=${own(file.url)} download=${file.name} title="Download ${file.name}">
      <${Icon} name="file" /><span class="file-name" dir="auto">${file.name}</span><small>${bytes(file.size)}</small>
        <${Icon} name="download" size=${14} /></a>`)}
  </div>`;
}
