/* Typing signs both ways: ours thinned out and ended by silence, theirs forgotten when nobody renews them. */

const AGAIN = 3_000;
const SILENCE = 5_000;
const FORGET = 8_000;

export class Typing {
  constructor(send, onsign) {
    Object.assign(this, { send, onsign });
    this.said = 0;
    this.ours = 0;
    this.theirs = 0;
  }

  /** The visitor changed what they write. */
  writes(something) {
    if (!something) {
      this.stop();
      return;
    }
    clearTimeout(this.ours);
    this.ours = setTimeout(() => this.stop(), SILENCE);
    if (Date.now() - this.said < AGAIN) return;
    if (this.send({ t: "typing", on: true })) this.said = Date.now();
  }

  stop() {
    clearTimeout(this.ours);
    if (this.said) this.send({ t: "typing", on: false });
    this.said = 0;
  }

  /** An agent writes, or stopped. */
  sign(on, name) {
    clearTimeout(this.theirs);
    this.onsign(on, name);
    if (on) this.theirs = setTimeout(() => this.onsign(false, ""), FORGET);
  }

  gone() {
    this.sign(false, "");
  }
}
