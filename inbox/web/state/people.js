// Customers and colleagues: reading a contact and its timeline, merging, blocking; status and settings of this agent; starting an email.
import { get, post, request } from "../lib/api.js";
import * as apply from "./apply.js";
import { open } from "./intents.js";
import { me } from "./select.js";
import * as store from "./store.js";
import * as ui from "./ui.js";

const enc = encodeURIComponent;

/** Do `work`; what goes wrong is said, and answered with null. */
async function tell(work) {
  try {
    return await work();
  } catch (error) {
    ui.toast(error.message, { tone: "bad" });
    return null;
  }
}

export const readContact = (id) => tell(async () => apply.contact(await get(`/contacts/${enc(id)}`)));

export async function readTimeline(id, more = false) {
  const known = store.timelines.peek().get(id);
  if (known?.state === "loading" || (more && !known?.next)) return;
  const items = more ? known.items : [];
  apply.timeline(id, { items, next: "", state: "loading" });
  try {
    const answer = await get(`/contacts/${enc(id)}/timeline`, { limit: 20, cursor: more ? known.next : "" });
    apply.timeline(id, { items: [...items, ...answer.items], next: answer.next || "", state: "ready" });
  } catch {
    apply.timeline(id, { items, next: "", state: "failed" });
  }
}

export const findContacts = (q) => get("/contacts", { q, limit: 12 }).then((answer) => answer.items);

export const rename = (contact, name) =>
  tell(async () => apply.contact(await request("PATCH", `/contacts/${enc(contact.id)}`, { body: { name, attributes: contact.attributes ?? {} } })));

export const merge = (contact, other) =>
  tell(async () => {
    apply.contact(await post(`/contacts/${enc(contact.id)}/merge`, { contact: other.id }));
    readTimeline(contact.id);
    ui.toast(`${other.name || "The other"} is now part of ${contact.name || "this contact"}.`, {
      action: { label: "Undo", keys: "", run: () => unmerge(contact, other) },
    });
  });

export const unmerge = (contact, other) =>
  tell(async () => {
    apply.contact(await post(`/contacts/${enc(contact.id)}/unmerge`, { contact: other.id }));
    readTimeline(contact.id);
    ui.toast(`${other.name || "The other"} is a contact of their own again.`);
  });

/** For good; answers whether it was done. */
export const erase = (contact) =>
  tell(async () => {
    await post(`/contacts/${enc(contact.id)}/erase`, { confirm: contact.id });
    await readContact(contact.id);
    ui.toast(`${contact.name || "The contact"} is erased.`);
    return true;
  });

export const block = (contact, identity, blocked) =>
  tell(async () => {
    await post(`/identities/${enc(identity.id)}/block`, { blocked });
    await readContact(contact.id);
    ui.toast(blocked ? "Blocked: nothing from this address comes in." : "No longer blocked.");
  });

export const explain = (id) => get(`/conversations/${enc(id)}/explain`).then((answer) => answer.decisions ?? []);

export const readAgents = () => tell(async () => apply.agents((await get("/agents")).items));

export const setStatus = (status, reason = "", agent = me.peek().id) =>
  tell(async () => apply.agents([await post(`/agents/${enc(agent)}/status`, { status, reason })]));

let saves = 0;
let saving = Promise.resolve();

/** Settings are shown at once and kept by the server, one change after the other: no answer to an earlier one takes a later one back. */
export async function saveSettings(changes) {
  const before = store.settings.peek();
  const next = { ...before, ...changes };
  const mine = ++saves;
  apply.settings(next);
  const put = saving.then(() => request("PUT", "/me/settings", { body: next }));
  saving = put.catch(() => {});
  await tell(async () => {
    try {
      const kept = await put;
      if (mine === saves) apply.settings({ ...next, ...kept });
    } catch (error) {
      if (mine === saves) apply.settings(before);
      throw error;
    }
  });
}

/** Start an email; throws what the server refuses, so that the form can show it at the field. `message` makes a repeat harmless. */
export async function startEmail(letter) {
  const row = await post("/conversations", letter);
  apply.rows([row]);
  ui.dialog.value = null;
  open(row.id, "mine");
}
