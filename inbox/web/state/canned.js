// The canned replies of a conversation or a first letter: read anew whenever somebody begins to look for one, as names and files change.
import { get } from "../lib/api.js";
import * as apply from "./apply.js";

/** Where those for a reply in a conversation are read. */
export const forReply = (id) => `/conversations/${encodeURIComponent(id)}/canned-replies`;

/** Where those for a letter that is being written are read. */
export const forLetter = ({ channel, name, subject }) => `/canned-replies?${new URLSearchParams({ channel, name, subject: subject.trim() })}`;

/** Read what may be put in; without an answer what is known stays. */
export async function readCanned(source) {
  try {
    apply.canned(source, (await get(source)).items);
  } catch {
    // Nothing to offer now; typing goes on.
  }
}
