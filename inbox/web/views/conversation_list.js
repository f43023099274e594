// The list of conversations: windowed (only the rows on screen are in the page), searchable, with live unread.
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { plural } from "../lib/text.js";
import { run } from "../state/commands.js";
import { open } from "../state/intents.js";
import { find, readList } from "../state/reading.js";
import { counts, me, myself, rows, viewName } from "../state/select.js";
import { line, lists, ready } from "../state/store.js";
import { nav, route, search, selected } from "../state/ui.js";
import { BulkBar } from "./bulk_bar.js";
import { IconButton } from "./button.js";
import { Row } from "./conversation_row.js";
import { Closed } from "./closed.js";
import { Empty } from "./empty.js";
import { SearchField } from "./search_field.js";

const HEIGHT = 84;
const OVERSCAN = 6;
const NEAR_END = 12;

/** Which rows are within the scroller now. */
function useWindow(scroller, total) {
  const [span, setSpan] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = scroller.current;
    const measure = () => setSpan({ top: element.scrollTop, height: element.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  const from = Math.max(0, Math.floor(span.top / HEIGHT) - OVERSCAN);
  return [from, Math.min(total, Math.ceil((span.top + span.height) / HEIGHT) + OVERSCAN)];
}

/** Keep the open row in sight when it is reached by key. */
function useFollow(scroller, index) {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (index < 0) return;
    const top = index * HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + HEIGHT > element.scrollTop + element.clientHeight) element.scrollTop = top + HEIGHT - element.clientHeight;
  }, [index]);
}

function more(to, total) {
  if (to < total - NEAR_END) return;
  const results = search.peek();
  if (results?.next && results.state === "ready") find(results.q, true);
  else if (!results && lists.peek().get(route.peek().view)?.state === "ready") readList(route.peek().view, true);
}

function Rows() {
  const scroller = useRef(null);
  const all = rows.value;
  const [from, to] = useWindow(scroller, all.length);
  const active = route.value.conversation;
  useFollow(scroller, all.findIndex((row) => row.id === active));
  useEffect(() => more(to, all.length), [to, all.length]);
  const snippets = new Map((search.value?.items ?? []).map((item) => [item.conversation.id, item.snippet]));
  return html`<div class="list-scroll" ref=${scroller}>
    <ul id="list" class="rows" role="listbox" tabindex="0" aria-multiselectable="true" aria-label="Conversations: ${viewName(route.value.view)}"
        aria-activedescendant=${active ? `row-${active}` : undefined} style=${{ height: `${all.length * HEIGHT}px` }}>
      ${all.slice(from, to).map((row, i) => html`<${Row} key=${row.id} row=${row} index=${from + i} total=${all.length} height=${HEIGHT}
        active=${row.id === active} picked=${selected.value.has(row.id)} snippet=${snippets.get(row.id)} onOpen=${(one) => open(one.id)} />`)}
    </ul>
    ${!all.length && html`<${Nothing} />`}
  </div>`;
}

function Nothing() {
  const results = search.value;
  const state = results ? results.state : (lists.value.get(route.value.view)?.state ?? "loading");
  if (results && state === "ready") return html`<${Empty} icon="search" title="Nothing found"
        text="No conversation that you may see has “${results.q}” in it." />`;
  if (state === "failed") return html`<${Empty} icon="warn" title="Could not be read"
        text=${results?.error || "The list could not be read from the server."} action="Try again"
        onAction=${() => (results ? find(results.q) : readList(route.value.view))} />`;
  if (state === "loading" || !ready.value) return html`<${Skeleton} />`;
  const kind = route.value.view.split(":")[0];
  const [icon, title, text] = WORDS[kind === "mine" && myself.value?.capacity === 0 ? "looking" : kind] ?? WORDS.all;
  return html`<${Empty} icon=${icon} title=${title} text=${text} />`;
}

const WORDS = {
  mine: ["inbox", "All clear", "Nothing is assigned to you. New work comes to you while you are online."],
  looking: ["inbox", "Nothing is yours", "Routing gives you no work. What waits is in Unassigned, the rest in All open."],
  unassigned: ["tray", "Nobody is waiting", "Every conversation has somebody who looks after it."],
  mentions: ["at", "No mentions", "When a colleague writes @you in a private note, it shows up here."],
  all: ["layers", "Nothing open", "There is no open conversation that you may see."],
  snoozed: ["clock", "Nothing asleep", "Snoozed conversations wait here and come back by themselves."],
  resolved: ["check", "Nothing done yet", "Conversations that are done are kept here."],
  spam: ["ban", "No spam", "Conversations marked as spam end up here."],
  queue: ["queue", "This queue is empty", "Nobody is waiting here."],
};

const Skeleton = () => html`<div class="skeleton" aria-label="Loading">
  ${[1, 2, 3, 4, 5, 6].map((i) => html`<div class="skeleton-row" key=${i}><i></i><b></b><span></span></div>`)}</div>`;

export function ConversationList() {
  const view = route.value.view;
  const count = counts.value.get(view);
  const quiet = line.value.state !== "live";
  return html`<section class="list" aria-label="Conversations" data-me=${me.value?.id}>
    <header class="list-head">
      <${IconButton} icon="menu" label="Views and queues" class="list-menu" aria-expanded=${nav.value} aria-controls="nav"
            onClick=${() => (nav.value = !nav.value)} />
      <h1>${search.value ? "Search" : viewName(view)}</h1>
      ${!search.value && view.startsWith("queue:") && html`<${Closed} id=${view.slice(6)} kind="list-closed" />`}
      <span class="list-count ${quiet ? "is-quiet" : ""}">
        ${search.value ? plural(rows.value.length, "result") : count?.unread ? `${count.unread} new` : ""}</span>
      <${IconButton} icon="pen" label="Start an email" keys="c" class="list-new" onClick=${() => run("compose")} />
    </header>
    <${SearchField} />
    ${selected.value.size > 0 && html`<${BulkBar} />`}
    <${Rows} key=${search.value ? "search" : view} />
  </section>`;
}
