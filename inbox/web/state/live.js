// The line to the server, wired to the state: frames are applied, what is on screen is kept open, what is missing is asked for.
import { effect } from "@preact/signals";
import { get } from "../lib/api.js";
import * as clock from "../lib/clock.js";
import { Line } from "../lib/socket.js";
import * as apply from "./apply.js";
import * as store from "./store.js";
import { route } from "./ui.js";

/** More unknown conversations than this are not asked for one by one: a snapshot is cheaper. */
const MOST_ASKED = 50;

let line = null;
let stop = [];
/** Rows under way, and whether something more has happened since they were asked for: an answer may be older than that. */
const asked = new Map();

const onScreen = () => (route.peek().conversation ? [route.peek().conversation] : []);

/** Connect, and stay connected until `hangUp`; `signedOut` is called when the server no longer knows us. */
export function connect(signedOut) {
  hangUp();
  line = new Line(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`, {
    frames: receive,
    snapshot: apply.snapshot,
    state: (state) => apply.line({ ...state, since: state.state === "live" ? 0 : store.line.peek().since || Date.now() }),
    signedOut,
    open: onScreen,
  });
  line.start();
  const quiet = setInterval(() => apply.quiet(Date.now() / 1000), 2000);
  stop = [effect(followScreen()), () => clearInterval(quiet)];
}

export function hangUp() {
  stop.forEach((end) => end());
  stop = [];
  line?.stop();
  line = null;
}

export const send = (frame) => line?.send(frame);
export const retryNow = () => line?.wake();

function receive(frames) {
  const live = store.line.peek().state === "live";
  frames.forEach((frame) => live && frame.at && clock.observe(frame.at));
  const { missing } = apply.frames(frames);
  if (missing.length + asked.size > MOST_ASKED) line?.again();
  else missing.forEach(ask);
}

/** An event spoke of a conversation that is not here: ask for its row, once at a time, and again for what happened meanwhile. */
async function ask(id) {
  if (asked.has(id)) return asked.set(id, true);
  asked.set(id, false);
  try {
    apply.rows([await get(`/conversations/${encodeURIComponent(id)}`)]);
  } catch (error) {
    if (error.status === 404 || error.status === 403) apply.lost(id);
  }
  const more = asked.get(id);
  asked.delete(id);
  if (more) ask(id);
}

/** Tell the server which conversation is looked at: it sends bodies for that one, and tells colleagues. */
function followScreen() {
  let shown = "";
  return () => {
    const next = route.value.conversation;
    if (next === shown) return;
    if (shown) send({ t: "close", conversation: shown });
    if (next) send({ t: "open", conversation: next });
    shown = next;
  };
}
