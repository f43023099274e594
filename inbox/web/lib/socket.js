// The line to the server: opens /ws, keeps the cursor (epoch, n), drops repeats, resumes on a gap, starts over when told to.
// It hands numbered frames on in order and in batches; what they mean is not known here.

const QUEUE_LIMIT = 500;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 30_000;
const STEADY_MS = 10_000;
const GAPS_BEFORE_START_OVER = 3;

/** How long to wait before try `attempt` (0, 1, ...): full jitter below a doubling limit. */
export function backoff(attempt, random = Math.random) {
  return Math.round(random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt));
}

export class Line {
  /** `told` has: frames(list), snapshot(frame), state({state, retryAt}), signedOut(), open() -> ids now on screen. */
  constructor(url, told) {
    Object.assign(this, { url, told, epoch: "", n: 0, attempt: 0, gaps: [], queue: [], timer: 0, socket: null, wanted: false });
    this.heartbeat = 25_000;
    this.wake = () => this.wanted && !this.socket && this.connect();
  }

  start() {
    this.wanted = true;
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.connect();
  }

  stop() {
    this.wanted = false;
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.retry);
    clearTimeout(this.watch);
    this.forget();
    this.drop(1000);
  }

  /** Forget the cursor: the next connection begins with a snapshot. */
  forget() {
    this.epoch = "";
    this.n = 0;
    this.queue = [];
  }

  /** Begin again with a snapshot. */
  again() {
    this.forget();
    this.connect();
  }

  send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  connect() {
    clearTimeout(this.retry);
    this.drop(1000);
    this.told.state({ state: "connecting", retryAt: 0 });
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.listen();
    socket.onmessage = (message) => socket === this.socket && this.receive(JSON.parse(message.data));
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
  }

  drop(code) {
    const socket = this.socket;
    this.socket = null;
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close(code);
  }

  /** A line on which nothing comes for two heartbeats is dead, whatever the network says. */
  listen() {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => {
      this.drop(4000);
      this.closed(1006);
    }, this.heartbeat * 2 + 5_000);
  }

  receive(frame) {
    this.listen();
    if (frame.t === "event") this.numbered(frame);
    else if (frame.t === "hello") this.greet(frame);
    else if (frame.t === "beat") this.beat(frame);
    else if (frame.t === "snapshot") this.began(frame);
    else if (frame.t === "resumed") this.live(frame.n);
    else if (frame.t === "start_over") this.startOver();
    else this.push(frame);
  }

  greet(frame) {
    this.heartbeat = frame.heartbeat_ms || this.heartbeat;
    if (this.epoch && this.epoch === frame.epoch) this.send({ t: "resume", epoch: this.epoch, n: this.n, open: this.told.open() });
    else this.startOver();
  }

  startOver() {
    this.forget();
    this.send({ t: "start" });
  }

  began(frame) {
    this.queue = [];
    this.epoch = frame.epoch;
    this.told.snapshot(frame);
    this.live(frame.n);
    for (const conversation of this.told.open()) this.send({ t: "open", conversation });
  }

  live(n) {
    this.n = Math.max(this.n, n || 0);
    this.liveSince = Date.now();
    this.flush();
    this.told.state({ state: "live", retryAt: 0 });
  }

  numbered(frame) {
    if (frame.n <= this.n) return;
    if (frame.prev > this.n) {
      this.gap();
      return;
    }
    this.n = frame.n;
    this.push(frame);
  }

  beat(frame) {
    this.n = Math.max(this.n, frame.n);
    this.send({ t: "beat", n: this.n });
  }

  /** Something we may see was not sent: ask again from where we are; a line that keeps losing things starts over. */
  gap() {
    const now = Date.now();
    this.gaps = [...this.gaps.filter((at) => now - at < 10_000), now];
    this.flush();
    if (this.gaps.length >= GAPS_BEFORE_START_OVER) {
      this.gaps = [];
      this.forget();
    }
    this.connect();
  }

  push(frame) {
    this.queue.push(frame);
    if (this.queue.length >= QUEUE_LIMIT) this.flush();
    else if (!this.timer) this.timer = setTimeout(() => this.flush(), 0);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = 0;
    const frames = this.queue;
    this.queue = [];
    if (frames.length) this.told.frames(frames);
  }

  closed(code) {
    clearTimeout(this.watch);
    this.socket = null;
    this.flush();
    if (!this.wanted) return;
    if (code === 4001) {
      this.stop();
      this.told.signedOut();
      return;
    }
    if (code === 4003) this.forget();
    if (this.liveSince && Date.now() - this.liveSince > STEADY_MS) this.attempt = 0;
    this.liveSince = 0;
    const wait = backoff(this.attempt++);
    this.told.state({ state: "waiting", retryAt: Date.now() + wait });
    this.retry = setTimeout(() => this.connect(), wait);
  }
}
