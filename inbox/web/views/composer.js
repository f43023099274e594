// Where a reply or a private note is written. The two differ in colour, label, placeholder and button, and only a choice of the person changes between them.
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { plural } from "../lib/text.js";
import { forReply } from "../state/canned.js";
import { keyOf } from "../state/commands.js";
import * as compose from "../state/compose.js";
import { reopen, take } from "../state/intents.js";
import { agentName, channelOf, contactName, me } from "../state/select.js";
import { agents, contacts, line, settings } from "../state/store.js";
import { Button, Keys } from "./button.js";
import { CannedMenu } from "./canned_menu.js";
import { Icon } from "./icon.js";
import { MentionMenu, mentionsIn } from "./mention_menu.js";
import { useRecipients } from "./recipients.js";
import { Tray } from "./tray.js";

const TALLEST = 280;

function Tabs({ id, mode }) {
  const tab = (which, icon, label, key) => html`<button type="button" role="tab" id="tab-${which}" class="tab tab-${which}"
        aria-selected=${mode === which} aria-controls="composer-text" title="${label} (${key})" onClick=${() => compose.setMode(id, which)}>
    <${Icon} name=${icon} size=${15} />${label}</button>`;
  return html`<div class="tabs" role="tablist" aria-label="What you write">
    ${tab("reply", "reply", "Reply", "R")}${tab("note", "lock", "Private note", "N")}</div>`;
}

/** Why a reply would not go out now: shown in the composer's place. */
function Barrier({ row, mode }) {
  const identity = contacts.value.get(row.contact?.id)?.identities?.find((one) => one.id === row.identity);
  if (mode === "note") return null;
  if (row.status === "resolved") return html`<p class="barrier">This conversation is done. <${Button} tone="quiet"
        onClick=${() => reopen([row.id])}>Open it again<//> to reply.</p>`;
  if (identity?.stopped) return html`<p class="barrier is-bad">The customer has left this channel: a reply would not reach them.</p>`;
  return null;
}

function Hints({ row, mode }) {
  const news = compose.newSince(row.id, mode);
  const other = row.assignee && row.assignee !== me.value?.id;
  return html`<div class="composer-hints" aria-live="polite">
    ${news > 0 && html`<span class="hint is-news">${plural(news, "new message")} since you began to write</span>`}
    ${mode === "reply" && other && html`<span class="hint">
      ${agentName(row.assignee)} looks after this. <button type="button" class="link" onClick=${() => take([row.id])}>Take it</button>
      </span>`}
    ${mode === "reply" && !row.assignee && row.status === "open" && html`<span class="hint">Nobody looks after this yet. <button
          type="button" class="link" onClick=${() => take([row.id])}>Take it</button></span>`}
    ${line.value.state !== "live" && html`<span class="hint">No connection: what you send waits here and goes out by itself.</span>`}
  </div>`;
}

function Length({ limit, text }) {
  if (!limit || text.length < limit * 0.8) return null;
  return html`<span class="length ${text.length > limit ? "is-over" : ""}">
    ${text.length}/${limit}${text.length > limit ? ": will go in parts" : ""}</span>`;
}

function Attach({ row, mode }) {
  const input = useRef(null);
  const limits = compose.fileLimits(row, mode);
  const pick = (event) => {
    compose.attach(row, mode, [...event.target.files]);
    event.target.value = "";
  };
  const label = limits.allowed ? "Add files (or paste, or drop them here)" : limits.why;
  return html`<input type="file" multiple hidden ref=${input} onChange=${pick} id="composer-files" aria-label="Files" />
    <button type="button" class="icon-button" aria-label=${label} title=${label} disabled=${!limits.allowed}
          onClick=${() => input.current.click()}><${Icon} name="clip" /></button>`;
}

function useGrowth(area, text) {
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(TALLEST, element.scrollHeight + 2)}px`;
  }, [text]);
}

/** Files that are pasted or dropped are added; pasted text stays text. Neither ever changes between reply and note. */
function filesOf(transfer) {
  return [...(transfer?.files ?? [])];
}

/** The key for sending is in the list of commands; it reaches the form as an event of its own. */
function useSendKey(form, submit) {
  const latest = useRef(submit);
  latest.current = submit;
  useEffect(() => {
    const onSend = (event) => latest.current(event.detail.done);
    form.current?.addEventListener("send", onSend);
    return () => form.current?.removeEventListener("send", onSend);
  }, []);
}

function Field({ row, mode, text, onFiles }) {
  const area = useRef(null);
  const note = mode === "note";
  useGrowth(area, text + mode);
  return html`<div class="composer-write">
    <textarea id="composer-text" ref=${area} rows="2" dir="auto" value=${text}
      aria-label=${note ? "Private note, only colleagues see it" : `Reply to ${contactName(row)}`}
      placeholder=${note ? "Write a note for colleagues. @ calls somebody." : "Write a reply … / finds a canned one."}
      onInput=${(event) => compose.write(row.id, mode, event.target.value)}
      onBlur=${() => compose.typingEnds(row.id)}
      onPaste=${(event) => onFiles(event, filesOf(event.clipboardData))}></textarea>
    ${note
      ? html`<${MentionMenu} area=${area} text=${text} onText=${(next) => compose.write(row.id, mode, next)} />`
      : html`<${CannedMenu} source=${forReply(row.id)} area=${area} text=${text} onText=${(next) => compose.write(row.id, mode, next)} />`}
  </div>`;
}

function Foot({ row, mode, text, onDone }) {
  const stop = compose.hindrance(row.id, mode);
  const note = mode === "note";
  return html`<div class="composer-foot">
    <${Attach} row=${row} mode=${mode} />
    <${Length} limit=${note ? 0 : channelOf(row)?.capabilities?.text_limit} text=${text} />
    <span class="composer-key" aria-hidden="true"><${Keys} keys=${keyOf("send")} /></span>
    ${!note && html`<${Button} class="send-done" disabled=${Boolean(stop)} title="Send and done" onClick=${onDone}>Send and done<//>`}
    <${Button} type="submit" icon=${note ? "lock" : "send"} tone=${note ? "note" : "main"} class="send" disabled=${Boolean(stop)}
      title=${stop || undefined}>${note ? "Add note" : "Send reply"}<//>
  </div>`;
}

function addressee(row, mode) {
  if (mode === "note") return "Only colleagues see this";
  const readable = /[@+]/.test(row.address) && row.address !== contactName(row);
  return `To ${contactName(row)}${readable ? ` · ${row.address}` : ""}`;
}

export function Composer({ row }) {
  const form = useRef(null);
  const others = useRecipients(row);
  const mode = compose.modeOf(row.id);
  const text = compose.draftOf(row.id, mode);
  const letter = Boolean(channelOf(row)?.capabilities?.subjects);
  const signature = mode === "reply" && letter ? settings.value.signature || "" : "";
  const submit = (done) =>
    compose.submit(row.id, mode, { signature, done: done && mode === "reply", mentions: mentionsIn(text, agents.value) });
  useSendKey(form, submit);
  useEffect(() => () => compose.typingEnds(row.id), []);
  const onFiles = (event, files) => {
    if (!files.length) return;
    event.preventDefault();
    compose.attach(row, mode, files);
  };
  const onSubmit = (event) => {
    event.preventDefault();
    submit(false);
  };
  return html`<form id="composer" class="composer is-${mode}" ref=${form} aria-label=${mode === "note" ? "Private note" : "Reply"} onSubmit=${onSubmit}
      onDragOver=${(event) => event.preventDefault()} onDrop=${(event) => onFiles(event, filesOf(event.dataTransfer))}>
    <${Hints} row=${row} mode=${mode} />
    <div class="composer-box">
      <div class="composer-head"><${Tabs} id=${row.id} mode=${mode} /><span class="composer-to" dir="auto">${addressee(row, mode)}</span>
        ${mode === "reply" && row.status !== "resolved" && others.buttons}</div>
      ${Barrier({ row, mode }) ?? html`
        ${mode === "reply" && others.fields}
        <${Field} row=${row} mode=${mode} text=${text} onFiles=${onFiles} />
        ${signature && html`<p class="signature" title="Your signature, added when you send">${signature}</p>`}
        <${Tray} id=${row.id} mode=${mode} />
        <${Foot} row=${row} mode=${mode} text=${text} onDone=${() => submit(true)} />`}
    </div>
  </form>`;
}
