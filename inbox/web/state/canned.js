// The canned replies of a conversation: read anew whenever somebody begins to look for one, as names and files change.
import { get } from "../lib/api.js";
import * as apply from "./apply.js";

/** Read what may be put into a reply to `id`; without an answer what is known stays. */
export async function readCanned(id) {
  try {
    apply.canned(id, (await get(`/conversations/${encodeURIComponent(id)}/canned-replies`)).items);
  } catch {
    // Nothing to offer now; typing goes on.
  }
}
