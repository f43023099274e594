// Everything that a key can do, once: the key handler, the palette and the help page all read this list, and there is no other handler.
import { focusOn } from "../lib/focus.js";
import { setMode } from "./compose.js";
import * as intents from "./intents.js";
import { leaveSearch } from "./reading.js";
import { show } from "./navigate.js";
import { leads, offers, VIEWS } from "./select.js";
import { conversations, settings } from "./store.js";
import * as ui from "./ui.js";

const ids = () => intents.targets();
const some = () => ids().length > 0;
const here = () => Boolean(ui.route.peek().conversation);
const open = (kind) => () => (ui.dialog.value = { kind, ids: ids() });
const firstOffer = () => offers.peek()[0];

function compose(mode) {
  setMode(ui.route.peek().conversation, mode);
  focusOn("#composer-text");
  requestAnimationFrame(() => focusOn("#composer-text"));
}

function sendNow(done) {
  document.querySelector("#composer")?.dispatchEvent(new CustomEvent("send", { detail: { done } }));
}

/** Step back by one: what is picked, the search, the open conversation. */
function back() {
  if (document.activeElement?.matches("input, textarea")) return document.activeElement.blur();
  if (ui.selected.peek().size) return void (ui.selected.value = new Set());
  if (ui.nav.peek()) return void (ui.nav.value = false);
  if (ui.narrow.peek() && ui.panel.peek() && here()) return void (ui.panel.value = false);
  if (ui.search.peek()) return leaveSearch();
  return here() ? intents.leave() : undefined;
}

const isDone = () => ids().every((id) => conversations.peek().get(id)?.status === "resolved");

const GROUPS = {
  "Offers": [
    ["accept", "Accept the offer", ["y"], () => intents.accept(firstOffer()), () => Boolean(firstOffer())],
    ["decline", "Decline the offer", ["d"], () => intents.decline(firstOffer()), () => Boolean(firstOffer())],
  ],
  "Conversation": [
    ["take", "Assign to me", ["i"], () => intents.take(ids()), some],
    ["assign", "Assign to …", ["a"], open("assign"), some],
    ["transfer", "Move to a queue …", ["m"], open("transfer"), some],
    ["done", "Done", ["e"], () => intents.resolve(ids()), () => some() && !isDone()],
    ["reopen", "Open again", ["o"], () => intents.reopen(ids()), () => some() && isDone()],
    ["snooze", "Snooze …", ["s"], open("snooze"), some],
    ["tag", "Tags …", ["t"], open("tag"), some],
    ["priority", "Priority …", ["p"], open("priority"), some],
    ["spam", "Spam, or not", ["!"], () => intents.markSpam(ids(), !ids().every((id) => conversations.peek().get(id)?.spam)), some],
    ["explain", "Why is it here?", ["w"], open("explain"), here],
    ["undo", "Undo", ["z"], () => intents.undo(), () => Boolean(ui.undoable.peek())],
  ],
  "Write": [
    ["reply", "Reply", ["r"], () => compose("reply"), here],
    ["note", "Private note", ["n"], () => compose("note"), here],
    ["send", "Send", ["Mod+Enter"], () => sendNow(false), here],
    ["send-done", "Send and done", ["Mod+Shift+Enter"], () => sendNow(true), here],
    ["compose", "Start an email", ["c"], open("email")],
  ],
  "Go to": [
    ...VIEWS.map((view) => [`go-${view.id}`, view.name, [view.keys], () => show(view.id)]),
    ["go-floor", "Floor", ["g f"], () => show("floor"), () => leads.peek()],
  ],
  "Move": [
    ["next", "Next conversation", ["j", "ArrowDown"], () => intents.step(1)],
    ["previous", "Previous conversation", ["k", "ArrowUp"], () => intents.step(-1)],
    ["open", "Open, go to the messages", ["Enter"], () => focusOn("#thread"), here],
    ["unread", "Next with something new", ["u"], intents.nextUnread],
    ["select", "Pick for several at once", ["x"], () => intents.select(ui.route.peek().conversation), here],
    ["search", "Search", ["/"], () => focusOn("#search")],
    ["back", "Leave, close, step back", ["Escape"], back],
  ],
  "Show": [
    ["expand", "Show or hide quoted text", [";"], () => (ui.expanded.value = !ui.expanded.value), here],
    ["panel", "Show or hide the customer", ["."], () => (ui.panel.value = !ui.panel.value), here],
    ["palette", "All commands", ["Mod+k"], () => (ui.dialog.value = { kind: "palette", ids: ids() })],
    ["help", "Keyboard shortcuts", ["?"], () => (ui.dialog.value = { kind: "help" })],
  ],
  "You": [
    ["status", "My status …", ["g o"], () => (ui.dialog.value = { kind: "status" })],
    ["settings", "Settings …", ["g ,"], () => (ui.dialog.value = { kind: "settings" })],
  ],
};

/** [{id, name, group, keys, run, when}] */
export const COMMANDS = Object.entries(GROUPS).flatMap(([group, list]) =>
  list.map(([id, name, keys, run, when = () => true]) => ({ id, name, group, keys, run, when })),
);

/** Run the command `id`, if it makes sense now. */
export function run(id) {
  const command = COMMANDS.find((one) => one.id === id);
  if (command?.when()) command.run();
}

/** The first key of a command, for its button's tooltip. */
export const keyOf = (id) => COMMANDS.find((one) => one.id === id)?.keys[0] ?? "";

/** May single keys be used? Each person can switch them off. */
export const singleKeys = () => settings.value.shortcuts !== false;
