// What is said of a queue that is closed. Pure.
import { full, until } from "./time.js";

/** {text, title} for people; null while the queue is open. */
export function closed(queue, now) {
  if (!queue?.closed) return null;
  const text = queue.opens_at ? `closed until ${until(queue.opens_at, now)}` : "closed";
  const work = queue.given ? "Work is given out all the same." : `Nothing is given out${queue.opens_at ? " before" : ""}.`;
  return { text, title: `${queue.name || queue.id} is closed${queue.opens_at ? ` and opens ${full(queue.opens_at)}` : ""}. ${work}` };
}
