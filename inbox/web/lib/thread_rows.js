// From messages to what a thread shows: days, the line of the unread, who speaks on. Pure. Also the window of messages that are in the page.

export const MOST = 340;
const STEP = 60;
const FIRST = 120;
const SAME_SPEAKER_SECONDS = 300;

/** The window [from, to) of `items` to begin with: the end, and far enough back for the first unread one. */
export function firstWindow(items, unreadSeq) {
  const unread = unreadSeq < 0 ? -1 : items.findIndex((item) => item.seq > unreadSeq);
  const from = Math.min(items.length - FIRST, unread < 0 ? Infinity : unread - 10);
  return { from: idAt(items, Math.max(0, from)), to: "" };
}

const idAt = (items, index) => items[index]?.id ?? "";

/** The items inside `window`; an empty `to` means up to the end, however far that moves. At most MOST. */
export function inside(items, window) {
  const end = window.to ? items.findIndex((item) => item.id === window.to) + 1 || items.length : items.length;
  const start = Math.max(0, items.findIndex((item) => item.id === window.from));
  return { start: window.to ? start : Math.max(start, end - MOST), end };
}

/** The window moved towards older messages; the newest ones leave the page when there are too many. */
export function older(items, window) {
  const { start, end } = inside(items, window);
  const from = Math.max(0, start - STEP);
  const to = Math.min(end, from + MOST);
  return { from: idAt(items, from), to: to < items.length ? idAt(items, to - 1) : "" };
}

/** The window moved towards newer messages. */
export function later(items, window) {
  const { start, end } = inside(items, window);
  const to = Math.min(items.length, end + STEP);
  const from = Math.max(start, to - MOST);
  return { from: idAt(items, from), to: to < items.length ? idAt(items, to - 1) : "" };
}

/** [{kind: "day", at} | {kind: "unread"} | {kind: "message", item, joined}] for `items`. `unreadSeq` -1 draws no line. */
export function rows(items, unreadSeq, sameDay) {
  const result = [];
  let before = null;
  let drawn = unreadSeq < 0;
  for (const item of items) {
    if (!before || !sameDay(before.at, item.at)) result.push({ kind: "day", at: item.at, key: `day-${item.id}` });
    const unread = !drawn && item.seq > unreadSeq && item.direction === "in";
    if (unread) result.push({ kind: "unread", key: "unread" });
    drawn ||= unread;
    const joined = result.at(-1)?.kind === "message" && speaksOn(before, item);
    result.push({ kind: "message", item, joined, key: item.id });
    before = item;
  }
  return result;
}

const speaksOn = (a, b) =>
  a.direction === b.direction && a.author.kind === b.author.kind && a.author.id === b.author.id && b.at - a.at < SAME_SPEAKER_SECONDS;
