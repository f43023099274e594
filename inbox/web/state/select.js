// Questions about the state that several views ask: which rows a list shows, how many wait, what is on screen.
import { computed } from "@preact/signals";
import { asked } from "./fold/conversation.js";
import * as store from "./store.js";
import { route, search } from "./ui.js";

export const me = computed(() => store.session.value?.me ?? null);
/** The signed-in agent as routing sees them now. */
export const myself = computed(() => store.agents.value.get(me.value?.id) ?? me.value);
export const leads = computed(() => ["supervisor", "admin"].includes(myself.value?.role));

export const isAdmin = computed(() => myself.value?.role === "admin");

export const VIEWS = [
  { id: "mine", name: "Mine", icon: "inbox", keys: "g m" },
  { id: "unassigned", name: "Unassigned", icon: "tray", keys: "g u" },
  { id: "mentions", name: "Mentions", icon: "at", keys: "g n" },
  { id: "all", name: "All open", icon: "layers", keys: "g a" },
  { id: "snoozed", name: "Snoozed", icon: "clock", keys: "g s" },
  { id: "resolved", name: "Done", icon: "check", keys: "g d" },
  { id: "spam", name: "Spam", icon: "ban", keys: "g p" },
];

/** Does `row` belong to list `view` of agent `login`? The same questions as the server's list asks. */
export function belongs(view, row, login) {
  if (view === "spam") return row.spam;
  if (row.spam) return false;
  if (view.startsWith("queue:")) return row.queue === view.slice(6) && row.status === "open";
  if (view === "mentions") return row.participants.includes(login) && row.status !== "resolved";
  if (view === "snoozed" || view === "resolved") return row.status === view;
  if (view === "all") return row.status !== "resolved";
  if (row.status !== "open") return false;
  if (view === "mine") return row.assignee === login;
  return !row.assignee;
}

const newestFirst = (a, b) => b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1);

/** The rows of the list on screen, newest activity first; only as far down as the server's list has been read. */
export const rows = computed(() => {
  if (search.value) return search.value.items.map((item) => store.conversations.value.get(item.conversation.id) ?? item.conversation);
  const view = route.value.view;
  const floor = store.lists.value.get(view)?.floor ?? 0;
  const login = me.value?.id;
  const found = [];
  store.conversations.value.forEach((row) => row.updated_at >= floor && belongs(view, row, login) && found.push(row));
  return found.sort(newestFirst);
});

/** View id -> {unread: conversations with something new, total}. */
export const counts = computed(() => {
  const login = me.value?.id;
  const result = new Map(VIEWS.map(({ id }) => [id, { unread: 0, total: 0 }]));
  store.conversations.value.forEach((row) => {
    for (const [view, count] of result) {
      if (!belongs(view, row, login)) continue;
      count.total += 1;
      if (row.unread > 0) count.unread += 1;
    }
  });
  return result;
});

export const current = computed(() => store.conversations.value.get(route.value.conversation) ?? null);
export const currentThread = computed(() => store.threads.value.get(route.value.conversation) ?? null);

/** Conversations that are offered to this agent now. */
export const offers = computed(() => {
  const login = me.value?.id;
  const mine = [...store.conversations.value.values()].filter((row) => asked(row.offer).includes(login));
  return mine.sort((a, b) => a.offer.expires_at - b.offer.expires_at);
});

/** What the title's badge counts: my unread conversations and open offers. */
export const attention = computed(() => (counts.value.get("mine")?.unread ?? 0) + offers.value.length);

export const agentName = (login) => store.agents.value.get(login)?.name || login;
export const queueOf = (id) => store.queues.value.find((queue) => queue.id === id);
export const queueName = (id) => queueOf(id)?.name || id;
export const channelOf = (row) => store.channels.value.get(row?.channel);
export const contactName = (row) => row?.contact?.name || row?.address || "Unknown customer";

/** Who wrote `message`, as shown. */
export function authorName(message, row) {
  const { kind, id } = message.author;
  if (kind === "contact") return contactName(row);
  if (kind === "agent" || kind === "bot") return agentName(id) || "Bot";
  return "Parley";
}

export function viewName(view) {
  if (view.startsWith("queue:")) return queueName(view.slice(6));
  if (view === "floor") return "Floor";
  return VIEWS.find((one) => one.id === view)?.name ?? "Inbox";
}
