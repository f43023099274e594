// The start: session -> snapshot -> socket -> render. Everything that follows the state is switched on at sign-in and off at sign-out.
import { effect } from "@preact/signals";
import { html, render } from "htm/preact";
import { setTheme } from "./lib/look.js";
import * as compose from "./state/compose.js";
import * as drafts from "./state/drafts.js";
import * as keyboard from "./state/keyboard.js";
import * as live from "./state/live.js";
import * as navigate from "./state/navigate.js";
import * as notify from "./state/notify.js";
import * as reading from "./state/reading.js";
import { begin, ended } from "./state/session.js";
import { session, settings } from "./state/store.js";
import { App } from "./views/app.js";

const root = document.getElementById("app");

function follow() {
  const ends = [drafts.follow(), compose.follow(), reading.follow(), notify.follow(), keyboard.follow()];
  const look = effect(() => settings.value.theme && setTheme(settings.value.theme));
  live.connect(ended);
  return () => [...ends, look].forEach((end) => end());
}

render(html`<${App} />`, root);
await begin();
navigate.follow();

let stop = null;
effect(() => {
  const here = Boolean(session.value) && !session.value.must_set_password;
  if (here && !stop) queueMicrotask(() => (stop ??= follow()));
  if (!here && stop) {
    stop();
    stop = null;
  }
});
