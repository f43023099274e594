// A message of ours that the server has not confirmed: shown at once, and honest about where it is.
import { html } from "htm/preact";
import { channelOf, me } from "../state/select.js";
import { edited, give, push } from "../state/compose.js";
import { Attachments } from "./attachments.js";
import { Avatar } from "./avatar.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";
import { Text } from "./message_body.js";
import { Copied } from "./recipients.js";

const WORDS = {
  sending: ["clock", "Being sent"],
  waiting: ["wifiOff", "Waits for the connection"],
};

const pairs = ({ cc = [], bcc = [] }) => ({ cc: cc.map((one) => [one.address, one.name]), bcc: bcc.map((one) => [one.address, one.name]) });

export function Pending({ entry, row }) {
  const failed = entry.state === "failed";
  const [icon, words] = WORDS[entry.state] ?? [];
  const kind = entry.mode === "note" ? "note" : "out";
  const letter = kind === "out" && channelOf(row)?.capabilities?.subjects ? "is-letter" : "";
  return html`<article class="message message-${kind} ${letter} is-pending ${failed ? "is-failed" : ""}"
        aria-label="Your message, ${failed ? "not sent" : words}">
    <${Avatar} name=${me.value?.name} id=${me.value?.id} size="s" />
    <div class="message-box">
      ${kind === "note" && html`<header class="message-head"><span class="message-private">
        <${Icon} name="lock" size=${13} />Private note</span></header>`}
      ${letter && html`<${Copied} data=${pairs(entry.body)} direction="out" />`}
      <${Text} text=${entry.body.text} />
      <${Attachments} files=${entry.files} />
      ${failed
        ? html`<div class="trouble is-failed" role="status"><${Icon} name="warn" size=${16} /><p><strong>Not sent.</strong> ${entry.error}</p>
            <${Button} tone="quiet" onClick=${() => push(entry.id)}>Try again<//>
              <${Button} tone="quiet" onClick=${() => edited(entry.id)}>Edit<//>
              <${Button} tone="quiet" onClick=${() => give(entry.id)}>Discard<//></div>`
        : html`<footer class="message-foot"><span class="tick tick-${entry.state}"><${Icon} name=${icon} size=${14} />${words}</span></footer>`}
    </div>
  </article>`;
}
