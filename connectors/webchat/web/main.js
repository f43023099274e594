/* Starts the frame: settings, words and views, the chat between them, and the bridge to the embedding page. */

import { Bridge } from "./bridge.js";
import { Chat } from "./chat.js";
import { Keep } from "./keep.js";
import { Screen } from "./views/screen.js";
import { wordsFor } from "./texts.js";

const settings = JSON.parse(document.getElementById("settings").textContent);
const keep = new Keep(settings.channel);
const dark = matchMedia("(prefers-color-scheme: dark)");
let theme = settings.theme;

function dress() {
  document.documentElement.dataset.theme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
}
dark.addEventListener("change", dress);

let begun = null;

/** The first word of the embedding page: everything is made for its language, and shown. */
function start({ person = {}, language = "", page = "", open = false, focus = open, theme: wanted = theme }) {
  theme = wanted;
  dress();
  if (begun) return;
  const words = wordsFor(language, ...navigator.languages);
  document.documentElement.lang = words.tag;
  const screen = new Screen({ settings, keep, words, onclose: () => bridge.post("close") });
  begun = new Chat({ keep, view: screen, onunread: (count) => bridge.post("unread", { count }) });
  begun.language = language;
  begun.page = page;
  screen.use(begun);
  begun.begin(clean(person), open);
  if (focus) screen.focus();
}

function clean(person) {
  const known = ["user", "signature", "name", "email"];
  return Object.fromEntries(known.filter((key) => person?.[key]).map((key) => [key, String(person[key])]));
}

const bridge = new Bridge(settings.origins, {
  start,
  open({ page }) {
    begun?.open(page);
    begun?.view.focus();
  },
  close: () => begun?.close(),
  identify: ({ person }) => begun?.begin(clean(person), begun.shown),
  page({ page }) {
    if (begun) begun.page = page;
  },
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") bridge.post("close");
});

dress();
if (bridge.embedded) bridge.ready();
else start({ open: true, page: "" });
