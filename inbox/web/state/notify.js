// Telling somebody who looks elsewhere: the title's badge, and, when switched on, a sound and a desktop notification. One tab only speaks.
import { effect, untracked } from "@preact/signals";
import { alarm } from "../lib/due.js";
import { go } from "./navigate.js";
import { attention, contactName, current, currentThread, me, offers } from "./select.js";
import { alarm as rung, conversations, recalled, settings } from "./store.js";
import { announcement, route, toast } from "./ui.js";

const QUIET_MS = 3000;

let speaker = false;
let spokeAt = 0;

/** Follow what wants attention. */
export function follow() {
  navigator.locks?.request("parley-notify", () => {
    speaker = true;
    return new Promise(() => {});
  });
  const badge = effect(() => {
    const count = attention.value;
    document.title = count ? `(${count > 99 ? "99+" : count}) Parley` : "Parley";
  });
  const ends = [badge, effect(watch()), effect(announce()), effect(warn), effect(explain)];
  return () => {
    ends.forEach((end) => end());
    document.title = "Parley";
  };
}

function watch() {
  let offered = new Set();
  let unread = -1;
  return () => {
    const now = new Set(offers.value.map((row) => row.offer.id));
    const fresh = offers.value.find((row) => !offered.has(row.offer.id));
    offered = now;
    const mine = [...conversations.value.values()].filter((row) => row.assignee === me.value?.id && row.status === "open");
    const total = mine.reduce((sum, row) => sum + row.unread, 0);
    const grew = unread >= 0 && total > unread;
    unread = total;
    if (fresh) speak("New conversation for you", contactName(fresh));
    else if (grew) speak("New message", "");
  };
}

/** A target of a service level that we are told of: a short word with the way there, on every page; one of them speaks. */
function warn() {
  const event = rung.value;
  const row = event && conversations.peek().get(event.conversation);
  if (!row) return;
  const text = alarm(event, contactName(row));
  const open = { label: "Open", run: () => go({ view: route.peek().view, conversation: row.id }) };
  untracked(() => toast(text, { tone: "bad", action: open, seconds: 15, about: `${row.id} ${event.target}` }));
  speak(text, "");
}

/** An offer that is gone before it was answered says why. */
function explain() {
  const event = recalled.value;
  const row = event && conversations.peek().get(event.conversation);
  if (row) untracked(() => toast(`${contactName(row)} is no longer offered to you: ${event.reason}`, { about: event.offer }));
}

/** Screen readers hear what a customer writes in the open conversation, at most once in three seconds. */
function announce() {
  let last = { id: "", seq: 0, at: 0 };
  return () => {
    const row = current.value;
    const item = currentThread.value?.items.findLast((one) => one.direction === "in");
    if (!row || !item) return;
    const fresh = last.id === row.id && item.seq > last.seq && Date.now() - last.at > QUIET_MS;
    if (fresh) announcement.value = `${contactName(row)}: ${(item.content?.text || "New message").slice(0, 200)}`;
    last = { id: row.id, seq: item.seq, at: fresh ? Date.now() : last.at };
  };
}

function speak(title, body) {
  const elsewhere = document.visibilityState !== "visible" || !document.hasFocus();
  if ((!speaker && navigator.locks) || Date.now() - spokeAt < QUIET_MS) return;
  spokeAt = Date.now();
  if (settings.peek().sound) chime();
  if (elsewhere && settings.peek().notify && window.Notification?.permission === "granted") {
    new Notification(title, { body, tag: "parley" });
  }
}

/** Two short soft tones. Browsers stay silent until the person has clicked somewhere once. */
export function chime(volume = 0.06) {
  const audio = new AudioContext();
  [660, 880].forEach((pitch, i) => {
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const loud = new GainNode(audio, { gain: 0 });
    const at = audio.currentTime + i * 0.11;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(volume, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0005, at + 0.22);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  });
  setTimeout(() => audio.close(), 800);
}

/** Ask the browser whether we may notify; answers "granted", "denied" or "default". */
export const askToNotify = () => window.Notification?.requestPermission() ?? Promise.resolve("denied");
