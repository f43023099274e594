// Who else gets a reply: everybody who was on the newest mail, until the person says otherwise.
import { channelOf } from "./select.js";
import * as store from "./store.js";
import * as ui from "./ui.js";

const pair = ([address, name]) => ({ address, name });
const NOBODY = { cc: [], bcc: [] };

/** May messages of this channel go to others as well? */
export const takesCopies = (row) => Boolean(channelOf(row)?.capabilities?.copies);

/** Who stays in by itself: what our newest mail said, or everybody on the customer's. Undefined while no such mail is here. */
function usual(id) {
  const items = store.threads.value.get(id)?.items ?? [];
  const mail = items.findLast((item) => !item.deleted_at && (item.direction === "in" || item.content?.data?.cc));
  if (!mail) return undefined;
  const data = mail.content?.data ?? {};
  return { cc: ((mail.direction === "in" ? data.others : data.cc) ?? []).map(pair), bcc: [] };
}

/** {cc, bcc} of the reply that is being written: [{address, name, bad}] each. */
export const copiesOf = (id) => ui.copies.value.get(id) ?? usual(id) ?? NOBODY;

/** Has the person changed who gets it? */
export const isChanged = (id) => ui.copies.value.has(id);

export const setCopies = (id, kind, list) => ui.put(ui.copies, id, { ...copiesOf(id), [kind]: list });

/** The first of `copies` that is no address, or "". */
export const wrongIn = ({ cc, bcc }) => [...cc, ...bcc].find((one) => one.bad)?.address ?? "";

/** Addresses as the server takes them. */
export const bare = (list) => list.map(({ address, name }) => ({ address, name }));

/** What a request says about copies: nothing where the channel takes none, or while nobody knows who is on the mail. */
export function copiesBody(row) {
  if (!row || !takesCopies(row) || !(isChanged(row.id) || usual(row.id))) return {};
  const { cc, bcc } = copiesOf(row.id);
  return { cc: bare(cc), ...(bcc.length && { bcc: bare(bcc) }) };
}

export const forgetCopies = (id) => ui.put(ui.copies, id, undefined);

/** Put the copies of a message that was not sent back where they are edited. */
export function restoreCopies(id, { cc, bcc }) {
  if (cc || bcc) ui.put(ui.copies, id, { cc: cc ?? [], bcc: bcc ?? [] });
}
