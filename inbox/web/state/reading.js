// Getting what the screen shows: lists page by page, threads from their end backwards, search, and the mark of what has been read.
import { effect } from "@preact/signals";
import { get } from "../lib/api.js";
import * as apply from "./apply.js";
import { markRead } from "./intents.js";
import { current, currentThread, me } from "./select.js";
import * as store from "./store.js";
import * as ui from "./ui.js";

const LIST_PAGE = 50;
const THREAD_PAGE = 60;
const SETTLE_MS = 60;

const query = (view) => (view.startsWith("queue:") ? { view: "all", queue: view.slice(6) } : { view });

/** Read the first page of `view`, or the next one with `more`. */
export async function readList(view, more = false) {
  const known = store.lists.peek().get(view);
  if (known?.state === "loading" || (more && !known?.next)) return;
  apply.listState(view, "loading");
  try {
    apply.list(view, await get("/conversations", { ...query(view), limit: LIST_PAGE, cursor: more ? known.next : "" }));
  } catch {
    apply.listState(view, "failed");
  }
}

/** Read the newest messages of `id`. */
export async function readThread(id) {
  apply.threadState(id, "loading");
  try {
    const path = `/conversations/${encodeURIComponent(id)}`;
    if (!store.conversations.peek().has(id)) apply.rows([await get(path)]);
    apply.page(id, await get(`${path}/messages`, { limit: THREAD_PAGE }), true);
  } catch (error) {
    apply.threadState(id, error.status === 404 || error.status === 403 ? "gone" : "failed");
  }
}

const older = new Set();

/** Read the page before the oldest message that is here. */
export async function readOlder(id) {
  const thread = store.threads.peek().get(id);
  if (!thread?.more || !thread.items.length || older.has(id)) return;
  older.add(id);
  try {
    const page = await get(`/conversations/${encodeURIComponent(id)}/messages`, { before: thread.items[0].seq, limit: THREAD_PAGE });
    apply.page(id, page, false);
  } catch (error) {
    ui.toast(error.message, { tone: "bad" });
  } finally {
    older.delete(id);
  }
}

let asked = 0;

/** Search for `q`; an older answer never overwrites a newer question. */
export async function find(q, more = false) {
  const turn = ++asked;
  const before = ui.search.peek();
  const items = more ? before.items : [];
  ui.search.value = { q, items, next: "", state: "loading" };
  try {
    const answer = await get("/search", { q, limit: 30, cursor: more ? before.next : "" });
    if (turn === asked && ui.search.peek()) ui.search.value = { q, items: [...items, ...answer.items], next: answer.next || "", state: "ready" };
  } catch (error) {
    if (turn === asked) ui.search.value = { q, items, next: "", state: "failed", error: error.message };
  }
}

export function leaveSearch() {
  asked += 1;
  ui.search.value = null;
}

/** Keep what is on screen read: the list of the view, the thread of the conversation, and the reading mark. */
export function follow() {
  const ends = [effect(followList), effect(followThread()), effect(followReading)];
  document.addEventListener("visibilitychange", followReading);
  return () => {
    ends.forEach((end) => end());
    document.removeEventListener("visibilitychange", followReading);
  };
}

function followList() {
  const view = ui.route.value.view;
  if (!store.ready.value || view === "floor" || store.lists.value.has(view)) return;
  queueMicrotask(() => readList(view));
}

function followThread() {
  let timer = 0;
  return () => {
    const id = ui.route.value.conversation;
    const thread = store.threads.value.get(id);
    if (!id || !store.ready.value || (thread && !(thread.stale && thread.state === "ready"))) return;
    clearTimeout(timer);
    timer = setTimeout(() => ui.route.peek().conversation === id && readThread(id), thread ? 0 : SETTLE_MS);
  };
}

/** A conversation counts as read when its assignee has it on screen, in a visible window, with its messages there. */
function followReading() {
  const row = current.value;
  const ready = currentThread.value?.state === "ready";
  if (!row || !ready) return;
  noteDivider(row);
  if (row.assignee === me.peek()?.id && row.unread > 0 && document.visibilityState === "visible") markOnce(row.id, row.seq);
}

function noteDivider(row) {
  if (ui.divider.peek().conversation === row.id) return;
  const seq = row.unread > 0 ? row.read_seq : -1;
  queueMicrotask(() => (ui.divider.value = { conversation: row.id, seq }));
}

let marked = "";

function markOnce(id, seq) {
  if (marked === `${id}:${seq}`) return;
  marked = `${id}:${seq}`;
  markRead(id, seq);
}
