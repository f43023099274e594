// What each event does to the rows of contacts and identities: the mirror of stream/fold/contact.py.
import { whole } from "./defaults.js";

const bump = (row, changes) => ({ ...row, ...changes, version: row.version + 1 });

export const CONTACT_FOLDS = {
  "contact.created": (row, { contact: id, workspace = "main", profile = "" }, at) =>
    whole("contact", { id, workspace, profile, created_at: at, version: 1 }),
  "contact.changed": (row, event) => bump(row, { profile: event.profile }),
  "contacts.merged": (row, event, at, id) => bump(row, { merged_into: id === event.merged ? event.contact : row.merged_into }),
  "contacts.unmerged": (row, event, at, id) => bump(row, { merged_into: id === event.merged ? "" : row.merged_into }),
};

function added(row, { identity: id, contact, scheme, scope, lookup, address, verified = "channel", workspace = "main" }) {
  return whole("identity", { id, contact, home: contact, scheme, scope, lookup, address, verified, workspace, version: 1 });
}

export const IDENTITY_FOLDS = {
  "identity.added": added,
  "contacts.merged": (row, event) => bump(row, { contact: event.contact }),
  "contacts.unmerged": (row, event) => bump(row, { contact: event.merged }),
  "identity.blocked": (row, event) => bump(row, { blocked: event.blocked }),
  "identity.stopped": (row, event) => bump(row, { stopped: event.stopped }),
};

const TWO = ["contacts.merged", "contacts.unmerged"];

/** The contacts whose rows `event` changes. */
export function touchedContacts(event) {
  if (TWO.includes(event.type)) return [event.contact, event.merged];
  return event.type in CONTACT_FOLDS ? [event.contact] : [];
}

/** The identities whose rows `event` changes. */
export function touchedIdentities(event) {
  if (TWO.includes(event.type)) return event.identities || [];
  return event.type in IDENTITY_FOLDS ? [event.identity] : [];
}
