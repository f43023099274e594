// One message as it was said: a bubble in chats, a letter in email, an amber slip for private notes.
import { html } from "htm/preact";
import { plural } from "../lib/text.js";
import * as time from "../lib/time.js";
import { discard, markSpam, retry } from "../state/intents.js";
import { agentName, authorName, channelOf } from "../state/select.js";
import { dialog } from "../state/ui.js";
import { Attachments } from "./attachments.js";
import { Avatar } from "./avatar.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";
import { Body } from "./message_body.js";
import { Copied } from "./recipients.js";

const TICKS = {
  queued: ["clock", "Queued"],
  sending: ["clock", "Being sent"],
  sent: ["check", "Sent"],
  delivered: ["checks", "Delivered"],
  read: ["checks", "Read"],
};

export function Tick({ delivery }) {
  const [icon, words] = TICKS[delivery] ?? [];
  if (!icon) return null;
  return html`<span class="tick tick-${delivery}" title=${words}><${Icon} name=${icon} size=${14} /><span class="unseen">${words}</span></span>`;
}

/** What the channel says of a message that went, or is to go yet: somebody in copy did not get it; why it waits. */
function Remark({ item }) {
  if (item.deleted_at || item.direction !== "out" || !item.error) return null;
  return html`<div class="trouble is-unknown" role="status">
    <${Icon} name="warn" size=${16} />
    <p>${item.delivery === "queued" && html`<strong>Not sent yet, tried again.</strong>`} ${item.error}</p>
  </div>`;
}

function Trouble({ item }) {
  if (item.deleted_at) return null;
  if (item.delivery !== "failed" && item.delivery !== "unknown") return html`<${Remark} item=${item} />`;
  const failed = item.delivery === "failed";
  const unsure = `${item.error || "The channel gave no answer."} Send it again only if a repeat does no harm.`;
  return html`<div class="trouble ${failed ? "is-failed" : "is-unknown"}" role="status">
    <${Icon} name="warn" size=${16} />
    <p><strong>${failed ? "Not sent." : "May or may not have arrived."}</strong> ${failed ? item.error || "The channel refused it." : unsure}</p>
    <span class="trouble-ways">
      <${Button} tone="quiet" onClick=${() => retry(item.conversation, item.id)}>${failed ? "Try again" : "Send again"}<//>
      <${Button} tone="quiet" onClick=${() => discard(item.conversation, item.id)}>Discard<//>
    </span>
  </div>`;
}

/** What the channel warns of: a mail that its sender's domain disowns, an answer that came too late. */
function Warning({ content, row }) {
  const { warning, forwarded_by: by } = content?.data ?? {};
  if (!warning && !by) return null;
  return html`<div class="trouble is-unknown" role="note">
    <${Icon} name="warn" size=${16} />
    <p>${warning || `Passed on by ${by[1] || by[0]}.`}</p>
    ${warning && row.spam && html`<${Button} tone="quiet" onClick=${() => markSpam([row.id], false)}>It is genuine<//>`}
  </div>`;
}

const SEALS = {
  encrypted: ["Encrypted.", "Whoever has the key opens the attached file in a mail program."],
  signed: ["Signed.", "The signature was not checked here."],
};

/** That a mail came encrypted or signed (PGP, S/MIME). */
function Seal({ data }) {
  const [mark, words] = SEALS[data?.security] ?? [];
  return mark ? html`<p class="message-seal"><${Icon} name="lock" size=${14} /><span><strong>${mark}</strong> ${words}</span></p>` : null;
}

function Head({ item, row, note }) {
  return html`<header class="message-head">
    ${note && html`<span class="message-private"><${Icon} name="lock" size=${13} />Private note</span>`}
    <strong class="message-author" dir="auto">${authorName(item, row)}</strong>
    ${item.automatic && html`<span class="message-auto">automatic</span>`}
    <time dateTime=${time.iso(item.at)} title=${time.full(item.at)}>${time.time(item.at)}</time>
  </header>`;
}

function Foot({ item, row, letter }) {
  const apart = letter && item.direction === "in" && !item.deleted_at;
  const marks = item.reactions.length > 0 || item.edited_at > 0 || item.direction === "out" || apart;
  if (!marks) return null;
  return html`<footer class="message-foot">
    ${item.reactions.map((one) => html`<span class="reaction" key=${one.author}>${one.emoji}</span>`)}
    ${item.edited_at > 0 && html`<span title=${time.full(item.edited_at)}>edited</span>`}
    ${item.direction === "out" && html`<${Tick} delivery=${item.delivery} />`}
    ${apart && html`<button type="button" class="link" title="Move it to another conversation, or to one of its own"
          onClick=${() => (dialog.value = { kind: "move", row, message: item.id })}>Move …</button>`}
  </footer>`;
}

function Quote({ item, thread }) {
  const to = item.reply_to && thread.find((one) => one.id === item.reply_to);
  return to ? html`<blockquote class="message-reply" dir="auto">${(to.content?.text || "").slice(0, 160)}</blockquote>` : null;
}

/** `joined`: the same person speaks on, so who it is need not be said again. */
export function Message({ item, row, joined, thread = [] }) {
  if (item.direction === "system") return html`<p class="system-line">${item.content?.text}</p>`;
  const letter = Boolean(channelOf(row)?.capabilities?.subjects) && item.direction !== "note";
  const kind = item.direction === "note" ? "note" : item.direction === "out" ? "out" : "in";
  const gone = item.deleted_at > 0;
  const state = `message message-${kind} ${letter ? "is-letter" : ""} ${joined ? "is-joined" : ""} ${item.delivery === "failed" ? "is-failed" : ""}`;
  return html`<article class=${state} aria-label="${kind === "note" ? "Private note" : "Message"} from ${authorName(item, row)}">
    ${!joined && html`<${Avatar} name=${authorName(item, row)}
          id=${item.author.kind === "contact" ? row.contact?.id || row.id : item.author.id} size="s" />`}
    <div class="message-box">
      ${(!joined || letter) && html`<${Head} item=${item} row=${row} note=${kind === "note"} />`}
      ${letter && !gone && html`<${Copied} data=${item.content?.data} direction=${item.direction} />`}
      <${Quote} item=${item} thread=${thread} />
      ${!gone && html`<${Seal} data=${item.content?.data} />`}
      ${!gone && html`<${Warning} content=${item.content} row=${row} />`}
      ${gone ? html`<p class="message-gone">${item.direction === "in" ? "Taken back by the customer, or moved." : "Given up: not sent."}
        </p>` : html`<${Body} item=${item} letter=${letter} />`}
      ${!gone && html`<${Attachments} files=${item.content?.attachments} />`}
      ${item.mentions.length > 0 && html`<p class="message-mentions">
        ${plural(item.mentions.length, "colleague")} called: ${item.mentions.map(agentName).join(", ")}</p>`}
      <${Trouble} item=${item} />
      <${Foot} item=${item} row=${row} letter=${letter} />
    </div>
  </article>`;
}
