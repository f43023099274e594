// What was typed and not sent, and what was sent and not confirmed: kept on this machine, so that a crash or a reload loses nothing.
import { effect } from "@preact/signals";
import { me } from "./select.js";
import * as ui from "./ui.js";

const KEPT = 100;
const SAVE_MS = 400;

let place = "";

/** Read what was kept for this person, and keep it until the returned function is called. */
export function follow() {
  place = `parley.unsent.${me.peek()?.id ?? ""}`;
  restore();
  let timer = 0;
  let kept = null;
  const end = effect(() => {
    kept = { drafts: [...ui.drafts.value].slice(-KEPT), copies: [...ui.copies.value].slice(-KEPT), outbox: [...ui.outbox.value].slice(-KEPT) };
    clearTimeout(timer);
    timer = setTimeout(() => save(kept), SAVE_MS);
  });
  const now = () => {
    clearTimeout(timer);
    save(kept);
  };
  window.addEventListener("pagehide", now);
  return () => {
    window.removeEventListener("pagehide", now);
    end();
    now();
  };
}

function restore() {
  try {
    const kept = JSON.parse(localStorage.getItem(place) || "{}");
    const waiting = (kept.outbox || []).map(([id, entry]) => [id, { ...entry, state: entry.state === "sending" ? "waiting" : entry.state }]);
    ui.drafts.value = new Map(kept.drafts || []);
    ui.copies.value = new Map(kept.copies || []);
    ui.outbox.value = new Map(waiting);
  } catch {
    ui.drafts.value = new Map();
  }
}

function save(kept) {
  try {
    if (kept.drafts.length || kept.copies.length || kept.outbox.length) localStorage.setItem(place, JSON.stringify(kept));
    else localStorage.removeItem(place);
  } catch {
    // Storage is full or forbidden: the drafts live as long as the tab does.
  }
}

/** Signed out on purpose: nothing stays behind. */
export function forget() {
  try {
    localStorage.removeItem(place);
  } catch {
    // Forbidden storage holds nothing.
  }
}
