// Writing first: an email to somebody, from one of the channels that may begin conversations.
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { messageId } from "../lib/ids.js";
import { forLetter } from "../state/canned.js";
import { attach, uploadsOf } from "../state/compose.js";
import { bare, wrongIn } from "../state/copies.js";
import { findContacts, startEmail } from "../state/people.js";
import { channels, settings } from "../state/store.js";
import * as ui from "../state/ui.js";
import { AddressField } from "./address_field.js";
import { Button } from "./button.js";
import { CannedMenu } from "./canned_menu.js";
import { close, Dialog } from "./dialog.js";
import { Empty } from "./empty.js";
import { Tray } from "./tray.js";

const DRAFT = "new-email";

const usable = () => [...channels.value.values()].filter((one) => one.capabilities?.starts_conversations);

const mailboxes = (contact) =>
  (contact.identities ?? []).filter((one) => one.scheme === "email").map((one) => ({ name: contact.name, to: one.address }));

/** Addresses of known contacts that fit what is typed. */
function useSuggestions(query) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    let live = true;
    const timer = setTimeout(async () => {
      const items = query.trim().length < 2 ? [] : await findContacts(query.trim()).catch(() => []);
      if (live) setFound(items.flatMap(mailboxes).slice(0, 8));
    }, 200);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [query]);
  return found;
}

const Field = ({ id, label, error, children }) => html`<div class="form-row ${error ? "is-bad" : ""}"><label for=${id}>${label}</label><div>
  ${children}${error && html`<p class="form-error" id="${id}-error" role="alert">${error}</p>`}</div></div>`;

/** Without a channel that may write first there is nothing to fill in. */
export const NewEmail = () => (usable().length ? html`<${Letter} />` : html`<${Dialog} label="Start an email" title="Start an email" kind="form">
    <${Empty} icon="email" title="No email channel yet"
        text="None of the channels here can write to somebody first. Whoever runs Parley adds a mailbox in channels.yaml; then you write from here." /><//>`);

function From({ letter, change, error }) {
  const from = usable();
  if (from.length < 2) return null;
  return html`<${Field} id="mail-from" label="From" error=${error}>
    <select id="mail-from" class="field" value=${letter.channel} onChange=${change("channel")}>
      ${from.map((one) => html`<option key=${one.id} value=${one.id}>${one.name || one.id}</option>`)}
    </select><//>`;
}

/** Copies are asked for first: most letters go to one person. */
function Copies({ letter, set }) {
  const [wanted, setWanted] = useState(letter.cc.length + letter.bcc.length > 0);
  if (!channels.value.get(letter.channel)?.capabilities?.copies) return null;
  if (!wanted) return html`<p class="form-more"><button type="button" class="link" onClick=${() => setWanted(true)}>Add Cc or Bcc</button></p>`;
  return [["cc", "Cc"], ["bcc", "Bcc"]].map(([kind, label]) => html`<${AddressField} key=${kind} id="mail-${kind}" label=${label}
      list=${letter[kind]} autofocus=${kind === "cc"} onList=${(list) => set({ [kind]: list })} />`);
}

/** Whom it goes to: as typed, else as the address is known. */
const nameFor = (letter, found) => letter.name.trim() || found.find((one) => one.to === letter.to.trim())?.name || "";

function Words({ letter, set, found }) {
  const area = useRef(null);
  const source = forLetter({ ...letter, name: nameFor(letter, found) });
  const onText = (text) => set({ text });
  return html`<div class="letter-write">
    <textarea id="mail-text" ref=${area} class="field" required rows="9" dir="auto" value=${letter.text} placeholder="/ finds a canned reply."
          onInput=${(event) => onText(event.target.value)}></textarea>
    <${CannedMenu} source=${source} area=${area} text=${letter.text} onText=${onText} /></div>`;
}

function Fields({ letter, change, set, at, found }) {
  return html`<${From} letter=${letter} change=${change} error=${at("channel")} />
    <${Field} id="mail-to" label="To" error=${at("to")}>
      <input id="mail-to" class="field" type="email" required autofocus autocomplete="off" list="mail-known" value=${letter.to} onInput=${change("to")} />
      <datalist id="mail-known">${found.map((one) => html`<option key=${one.to} value=${one.to}>${one.name}</option>`)}</datalist><//>
    <${Copies} letter=${letter} set=${set} />
    <${Field} id="mail-name" label="Name" error=${at("name")}>
      <input id="mail-name" class="field" autocomplete="off" placeholder="optional" value=${letter.name} onInput=${change("name")} /><//>
    <${Field} id="mail-subject" label="Subject" error=${at("subject")}>
      <input id="mail-subject" class="field" required autocomplete="off" value=${letter.subject} onInput=${change("subject")} /><//>
    <${Field} id="mail-text" label="Message" error=${at("text")}>
      <${Words} letter=${letter} set=${set} found=${found} />
      ${settings.value.signature && html`<p class="signature">${settings.value.signature}</p>`}<${Tray} id=${DRAFT} mode="reply" /><//>`;
}

/** What is sent: the letter with the signature, and the name that is known for the address if none was given. */
function finished(letter, found, files) {
  const text = [letter.text, settings.peek().signature].filter(Boolean).join("\n\n");
  const attachments = files.map((file) => file.attachment.id);
  const takes = channels.peek().get(letter.channel)?.capabilities?.copies;
  const copies = takes ? { cc: bare(letter.cc), bcc: bare(letter.bcc) } : { cc: [], bcc: [] };
  return { ...letter, to: letter.to.trim(), name: nameFor(letter, found), text, attachments, ...copies };
}

/** What was begun and not sent: closing the dialog costs no words. */
function begun() {
  const kept = ui.letter.peek() ?? { message: messageId(), to: "", name: "", subject: "", text: "", cc: [], bcc: [] };
  const from = usable();
  return { ...kept, channel: (from.find((one) => one.id === kept.channel) ?? from[0]).id };
}

function Letter() {
  const [letter, setLetter] = useState(begun);
  // Before the next key can come: after the paint, a quick Escape would cost the last words.
  useLayoutEffect(() => {
    ui.letter.value = letter;
  }, [letter]);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const found = useSuggestions(letter.to);
  const files = uploadsOf(DRAFT, "reply");
  const change = (field) => (event) => setLetter({ ...letter, [field]: event.target.value });
  const set = (changes) => setLetter((before) => ({ ...before, ...changes }));
  const at = (field) => (problem?.field === field ? problem.message : "");
  const send = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await startEmail(finished(letter, found, files));
      ui.put(ui.uploads, `${DRAFT}:reply`, undefined);
      ui.letter.value = null;
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const add = (event) => {
    attach({ id: DRAFT, channel: letter.channel }, "reply", [...event.target.files]);
    event.target.value = "";
  };
  const ready = letter.to.trim() && letter.subject.trim() && letter.text.trim() && !wrongIn(letter) && files.every((file) => file.attachment);
  return html`<${Dialog} label="Start an email" title="Start an email" kind="form"><form class="form" onSubmit=${send}>
    <${Fields} letter=${letter} change=${change} set=${set} at=${at} found=${found} />
    ${problem && !problem.field && html`<p class="form-error" role="alert">${problem.message}</p>`}
    <div class="dialog-verbs">
      <label class="button button-quiet"><input type="file" multiple class="unseen" onChange=${add} />Add files</label><span class="grow"></span>
      <${Button} onClick=${close}>Cancel<//>
      <${Button} type="submit" tone="main" icon="send" disabled=${!ready || busy}>${busy ? "Sending …" : "Send"}<//>
    </div>
  </form><//>`;
}
