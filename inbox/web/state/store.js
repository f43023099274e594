// The shared state: what the server has told this page, as signals. Everybody reads it; only apply.js writes it.
import { signal } from "@preact/signals";

/** undefined: not asked yet; null: signed out; otherwise {me, csrf, login, must_set_password}. */
export const session = signal(undefined);
/** Conversation id -> ConversationView. */
export const conversations = signal(new Map());
/** Conversation id -> {items: [MessageView] by seq, more, state: "loading" | "ready" | "failed", stale}. */
export const threads = signal(new Map());
/** Login -> AgentView. */
export const agents = signal(new Map());
/** [{id, name, waiting, closed, opens_at: when it opens again (0: not foreseen), given: work is given out}] */
export const queues = signal([]);
/** Channel id -> {id, connector, name, capabilities}. */
export const channels = signal(new Map());
/** The tags that the routing rules choose from. */
export const tags = signal([]);
/** The reasons that this house knows for being away or busy: [{name, status}]; empty: any. */
export const statuses = signal([]);
/** Contact id -> ContactView. */
export const contacts = signal(new Map());
/** Contact id -> {items, next, state}. */
export const timelines = signal(new Map());
/** The canned replies that somebody last looked through, and where they were read: {source, items: [{name, title, text}]}. */
export const canned = signal({ source: "", items: [] });
/** List key (a view, "queue:<id>") -> {next, floor, state}: how far the server's list has been read. */
export const lists = signal(new Map());
/** Conversation id -> Map of "kind:id" -> {name, kind, until}. */
export const typing = signal(new Map());
/** Conversation id -> logins that look at it now. */
export const viewing = signal(new Map());
/** The newest event of a service level that this agent is told of, or null. */
export const alarm = signal(null);
/** The newest end of an offer of this agent's that was taken back, with its reason, or null. */
export const recalled = signal(null);
/** This agent's own settings. */
export const settings = signal({});
/** The line to the server: {state: "connecting" | "waiting" | "live", retryAt, since: when it went down}. */
export const line = signal({ state: "connecting", retryAt: 0, since: 0 });
/** Did a snapshot arrive since sign-in? */
export const ready = signal(false);
