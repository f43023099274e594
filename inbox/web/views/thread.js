// The open conversation: its head, its messages (at most some hundred in the page, more by scrolling), and the composer below.
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { minutes } from "../lib/clock.js";
import { ScrollKeeper } from "../lib/scroll_keeper.js";
import { firstWindow, inside, later, older, rows } from "../lib/thread_rows.js";
import * as time from "../lib/time.js";
import { readOlder, readThread } from "../state/reading.js";
import { leave } from "../state/intents.js";
import { current, currentThread } from "../state/select.js";
import { line, ready } from "../state/store.js";
import { arriving, divider, outbox, route } from "../state/ui.js";
import { Composer } from "./composer.js";
import { Empty } from "./empty.js";
import { Icon } from "./icon.js";
import { Message } from "./message.js";
import { Pending } from "./pending.js";
import { ThreadHead } from "./thread_head.js";
import { Typing } from "./typing.js";

const NEAR = 500;
const sameDay = (a, b) => time.daysAgo(a, b) === 0;

/** Which messages are in the page, and where the reader is among them. */
function useReading(id, thread, unreadSeq) {
  const box = useRef(null);
  const keeper = useRef(null);
  const [span, setSpan] = useState(() => firstWindow(thread.items, unreadSeq));
  const [atEnd, setAtEnd] = useState(true);
  const seen = useRef(0);
  const look = useRef();
  look.current = () => {
    if (!box.current || !keeper.current) return;
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const { start, end } = inside(thread.items, span);
    const toEnd = scrollHeight - scrollTop - clientHeight;
    if (scrollTop < NEAR && start > 0) setSpan(older(thread.items, span));
    else if (scrollTop < NEAR) readOlder(id);
    else if (span.to && toEnd < NEAR) setSpan(later(thread.items, span));
    const there = keeper.current.atEnd && end === thread.items.length;
    if (there) seen.current = thread.items.at(-1)?.seq ?? 0;
    setAtEnd(there);
  };
  useEffect(() => {
    keeper.current = new ScrollKeeper(box.current, () => look.current());
    if (unreadSeq >= 0) keeper.current.toRow("unread");
    else keeper.current.toEnd();
    seen.current = thread.items.at(-1)?.seq ?? 0;
    return () => keeper.current.stop();
  }, []);
  useLayoutEffect(() => keeper.current?.settle());
  useEffect(() => look.current(), [thread.items, span]);
  const toEnd = () => {
    setSpan({ from: span.from, to: "" });
    requestAnimationFrame(() => keeper.current.toEnd());
  };
  const news = thread.items.some((item) => item.seq > seen.current && item.direction === "in");
  return { box, span, atEnd, hasNews: !atEnd && news, toEnd };
}

/** Take the keyboard, if it was meant for here and nobody writes elsewhere meanwhile. */
function arrive(id, box) {
  if (arriving.peek() === id && !document.activeElement?.matches("input, textarea")) box.focus({ preventScroll: true });
  arriving.value = "";
}

function Messages({ row, thread }) {
  const unreadSeq = divider.value.conversation === row.id ? divider.value.seq : -1;
  const { box, span, atEnd, hasNews, toEnd } = useReading(row.id, thread, unreadSeq);
  useEffect(() => arrive(row.id, box.current), []);
  const { start, end } = inside(thread.items, span);
  const shown = rows(thread.items.slice(start, end), unreadSeq, sameDay);
  const pending = [...outbox.value.values()].filter((entry) => entry.conversation === row.id && !thread.items.some((item) => item.id === entry.id));
  return html`<div class="messages" id="thread" tabindex="0" role="log" aria-live="off" aria-label="Messages" ref=${box}>
      <div class="messages-inner">
        ${start === 0 && !thread.more ? html`<${Beginning} row=${row} />` : html`<p class="older" aria-live="polite">Older messages …</p>`}
        ${shown.map((one) => html`<${ThreadRow} key=${one.key} one=${one} row=${row} thread=${thread} />`)}
        ${pending.map((entry) => html`<div data-row=${entry.id} key=${entry.id}><${Pending} entry=${entry} row=${row} /></div>`)}
        <${Typing} id=${row.id} />
      </div>
    </div>
    ${!atEnd && html`<div class="to-end-place"><button type="button" class="to-end ${hasNews ? "is-news" : ""}" onClick=${toEnd}>
      <${Icon} name="down" size=${16} />${hasNews ? "New messages" : "To the end"}</button></div>`}`;
}

function ThreadRow({ one, row, thread }) {
  if (one.kind === "day") return html`<p class="day" data-row=${one.key}><span>${time.day(one.at, minutes.value)}</span></p>`;
  if (one.kind === "unread") return html`<p class="unread-line" data-row="unread" role="separator"><span>New</span></p>`;
  return html`<div data-row=${one.key}><${Message} item=${one.item} row=${row} joined=${one.joined} thread=${thread.items} /></div>`;
}

function Beginning({ row }) {
  return html`<p class="beginning">${row.previous ? html`Goes on from <a
        href="#/all/${encodeURIComponent(row.previous)}">an earlier conversation</a>` : "The conversation began here"} · ${time.full(row.created_at)}
    </p>`;
}

function Inner({ id }) {
  const row = current.value;
  const thread = currentThread.value;
  if (thread?.state === "gone") return html`<${Empty} icon="lock" title="Not here (any more)"
        text="This conversation is gone, or it now belongs to somebody whose work you do not see." action="Back to the list" onAction=${leave} />`;
  if (thread?.state === "failed" && !thread.items.length) return html`<${Empty} icon="warn" title="Could not be read"
        text="The messages could not be read from the server." action="Try again" onAction=${() => readThread(id)} />`;
  if (!row || !thread || (thread.state === "loading" && !thread.items.length)) return html`<div class="thread-wait" aria-label="Loading"></div>`;
  if (divider.value.conversation !== id && thread.state === "ready") return html`<div class="thread-wait" aria-label="Loading"></div>`;
  return html`<${ThreadHead} row=${row} /><${Messages} key=${id} row=${row} thread=${thread} /><${Composer} key=${`c${id}`} row=${row} />`;
}

export function Thread() {
  const id = route.value.conversation;
  const offline = line.value.state !== "live" && ready.value;
  return html`<section class="thread ${offline ? "is-offline" : ""}" aria-label="Conversation">
    ${id ? html`<${Inner} id=${id} />` : html`<${Empty} icon="chat" title="Choose a conversation"
          text="Press J and K to move through the list, ? for all keys." />`}
  </section>`;
}
