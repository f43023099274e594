// What a message says: plain text as text with safe links, quoted text folded away, HTML only inside its frame.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { linkify } from "../lib/text.js";
import { expanded } from "../state/ui.js";
import { Icon } from "./icon.js";
import { MailFrame } from "./mail_frame.js";

const LONG = 6000;

export function Text({ text }) {
  const [all, setAll] = useState(false);
  const shown = all || text.length <= LONG ? text : text.slice(0, LONG);
  return html`<p class="message-text" dir="auto">${linkify(shown).map((part) =>
      part.href ? html`<a href=${part.href} title=${part.href} target="_blank" rel="noopener noreferrer nofollow">${part.text}</a>` : part.text,
    )}${shown.length < text.length && html`… <button type="button" class="link" onClick=${() => setAll(true)}>Show everything</button>`}</p>`;
}

function Quoted({ text }) {
  const [open, setOpen] = useState(false);
  const shown = open || expanded.value;
  return html`<div class="quoted">
    <button type="button" class="quoted-toggle" aria-expanded=${shown} title="Quoted text (;)" onClick=${() => setOpen(!shown)}>
      <${Icon} name="more" size=${16} /><span class="unseen">Quoted text</span></button>
    ${shown && html`<div class="quoted-text"><${Text} text=${text} /></div>`}
  </div>`;
}

/** Letters with more than words (pictures, tables) begin as HTML; everything else begins as text. One press changes between them. */
const startsRich = (content) => Boolean(content.html) && (!content.text || /<(img|table)\b/i.test(content.html));

export function Body({ item, letter }) {
  const content = item.content;
  const [rich, setRich] = useState(() => Boolean(content && letter && startsRich(content)));
  if (!content) return html`<p class="message-gone">Being fetched …</p>`;
  if (content.type === "erased") return html`<p class="message-gone">Erased${content.reason ? `: ${content.reason}` : "."}</p>`;
  const canSwitch = Boolean(content.html) && Boolean(content.text);
  return html`
    ${content.html && rich ? html`<${MailFrame} item=${item} />` : content.text && html`<${Text} text=${content.text} />`}
    ${!rich && content.html && !content.text && html`<p>
      <button type="button" class="link" onClick=${() => setRich(true)}>Show the message</button></p>`}
    ${content.quoted && !rich && html`<${Quoted} text=${content.quoted} />`}
    ${canSwitch && letter && html`<button type="button" class="link switch" onClick=${() => setRich(!rich)}>
      ${rich ? "Show as text" : "Show original"}</button>`}`;
}
