/* What has arrived here and what was read: reported once per line, counted for the launcher's badge, remembered over reloads. So is how far
   the agents have read: the server only tells it when it happens. */

import { unreadCount, unseen } from "./history.js";

export class Seen {
  constructor(keep, send) {
    Object.assign(this, { keep, send });
    this.reset();
  }

  reset() {
    this.visitor = "";
    this.read = 0;
    this.reported = { delivered: 0, read: 0 };
  }

  /** A line begins for this visitor: what another line may have lost is said again. */
  begin(visitor) {
    this.visitor = visitor;
    this.reported = { delivered: 0, read: 0 };
    const kept = this.keep.get("read");
    this.read = kept?.visitor === visitor ? Math.max(this.read, kept.n) : this.read;
  }

  /** An agent has read up to number `n`. */
  byAgent(n) {
    this.keep.set("answered", { visitor: this.visitor, n });
  }

  /** How far the agents had read when this browser was last told; 0 when that is of another visitor or of another history. */
  readByAgent(history) {
    const kept = this.keep.get("answered");
    return kept?.visitor === this.visitor && kept.n <= history.n ? kept.n : 0;
  }

  report(history, reading) {
    if (!this.visitor) return;
    const newest = unseen(history, 0);
    if (!newest) return;
    if (reading && newest.n > this.read) {
      this.read = newest.n;
      this.keep.set("read", { visitor: this.visitor, n: newest.n });
    }
    const state = newest.n <= this.read ? "read" : "delivered";
    const known = newest.state === "read" || (state === "delivered" && newest.state === "delivered");
    if (known || newest.n <= Math.max(this.reported[state], this.reported.read)) return;
    if (this.send({ t: "seen", state, n: newest.n, id: newest.id })) this.reported[state] = newest.n;
  }

  unread(history) {
    return unreadCount(history, this.read);
  }
}
