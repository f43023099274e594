/* What the visitor wrote and the server has not acknowledged: kept over reloads, sent one at a time, in order, until it is durable. */

const NAME = "unsent:";

export class Outbox {
  /** `send(frame)` is false without a line; `onchange(client, facts)` and `ondone(client)` tell the page. */
  constructor(keep, { send, onchange }) {
    Object.assign(this, { keep, send, onchange });
    this.queue = [];
    this.under = "";
    this.timer = 0;
    this.ready = false;
    this.who = "";
  }

  /** The messages that an earlier page left, oldest first. Another customer's are not touched. */
  load(who) {
    this.who = who;
    this.queue = this.keep
      .names(NAME)
      .map((name) => this.keep.get(name))
      .filter((one) => one && one.who === who)
      .sort((a, b) => a.at - b.at);
    this.queue.forEach((one) => Object.assign(one, { state: "sending" }));
    return [...this.queue];
  }

  add(message) {
    const kept = { ...message, who: this.who };
    this.keep.set(NAME + message.client, kept);
    this.queue.push(kept);
    this.go();
  }

  /** The line is open and this server knows us. */
  begin(known) {
    for (const client of known) this.remove(client);
    this.ready = true;
    this.under = "";
    this.go();
  }

  /** The line is gone: whatever was under way is sent again later, under the same id. */
  stop() {
    clearTimeout(this.timer);
    this.ready = false;
    this.under = "";
  }

  go() {
    const next = this.queue.find((one) => one.state !== "failed");
    if (!this.ready || this.under || !next) return;
    const { client, text, page } = next;
    const files = next.files.map((file) => file.file);
    if (this.send({ t: "send", client, text, files, page })) this.under = client;
  }

  /** The server's answer to one message. */
  take(ack) {
    if (ack.client === this.under) this.under = "";
    if (ack.ok) {
      this.remove(ack.client);
      this.onchange(ack.client, { state: "sent" });
      this.go();
    } else if (ack.code === "slow_down" || ack.code === "try_later") {
      this.onchange(ack.client, { state: "slow" });
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.go(), Math.max(1, ack.retry_after) * 1000);
    } else {
      const failed = this.queue.find((one) => one.client === ack.client);
      if (failed) failed.state = "failed";
      this.onchange(ack.client, { state: "failed", error: ack.message });
      this.go();
    }
  }

  /** It came back in the history before its acknowledgement did. */
  arrived(client) {
    this.remove(client);
    if (this.under !== client) return;
    this.under = "";
    this.go();
  }

  retry(client) {
    const failed = this.queue.find((one) => one.client === client);
    if (failed) failed.state = "sending";
    this.onchange(client, { state: "sending", error: "" });
    this.go();
  }

  remove(client) {
    this.queue = this.queue.filter((one) => one.client !== client);
    this.keep.drop(NAME + client);
  }
}
