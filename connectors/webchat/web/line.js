/* The websocket as a line that comes back: waits longer each time, notices silence, and says what it is doing. */

const PAUSES = { 4001: 300, 4008: 30_000, 1008: 30_000, 1009: 30_000 };
const IDENTITY = 4003;
const FULL = 4009;
const LONGEST = 30_000;

export class Line {
  /** `greet()` gives the first frame; `onframe(frame)` gets each one; `onstate` gets connecting, waiting, stopped or full. */
  constructor(url, { greet, onframe, onstate }) {
    Object.assign(this, { url, greet, onframe, onstate });
    this.socket = null;
    this.tries = 0;
    this.heartbeat = 25_000;
    this.timer = 0;
    this.watch = 0;
    this.begun = false;
    this.stopped = false;
    window.addEventListener("online", () => this.wake());
    window.addEventListener("offline", () => this.socket && this.lost(4000));
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  connect() {
    clearTimeout(this.timer);
    this.close();
    this.begun = true;
    this.stopped = false;
    this.onstate("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heard(socket);
    socket.addEventListener("message", (event) => {
      if (this.socket !== socket) return;
      this.heard(socket);
      this.take(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => this.socket === socket && this.lost(event.code));
  }

  take(frame) {
    if (frame.t === "hello") {
      this.heartbeat = frame.heartbeat_ms;
      this.send(this.greet());
    }
    if (frame.t === "started" || frame.t === "resumed") this.tries = 0;
    this.onframe(frame);
  }

  /** Send a frame; false when there is no line. */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Silence for longer than two heartbeats means that the line is dead, whatever the browser thinks. */
  heard(socket) {
    clearTimeout(this.watch);
    this.at = Date.now();
    this.watch = setTimeout(() => this.socket === socket && this.lost(4000), this.heartbeat * 2 + 3_000);
  }

  lost(code) {
    this.close();
    this.stopped = code === IDENTITY;
    if (this.stopped || code === FULL) {
      this.onstate(this.stopped ? "stopped" : "full");
      return;
    }
    this.onstate("waiting");
    const most = Math.min(LONGEST, 600 * 2 ** this.tries);
    this.tries += 1;
    const pause = PAUSES[code] ?? 150 + Math.random() * most;
    this.timer = setTimeout(() => this.connect(), pause);
  }

  close() {
    clearTimeout(this.watch);
    const socket = this.socket;
    this.socket = null;
    if (socket?.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close());
    else socket?.close();
  }

  /** Somebody looks again or the network is back: do not wait for the timer. */
  wake() {
    if (!this.begun || this.stopped) return;
    if (!this.socket) {
      this.tries = Math.min(this.tries, 2);
      this.connect();
    } else if (Date.now() - this.at > this.heartbeat) {
      this.connect();
    }
  }
}
