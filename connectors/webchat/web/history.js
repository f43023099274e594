/* What was said, as the widget knows it. Pure: state and a change in, a new state out. Nothing here touches the page or the network. */

export function fresh() {
  return { items: [], n: 0, last: "", more: false, pending: [], readByAgent: 0 };
}

/** The newest items: what was known is replaced, what still waits to be sent stays. */
export function started(state, items, more) {
  return settle({ ...state, items: [], n: 0, last: "", more, readByAgent: 0 }, items);
}

/** Items in the order of their numbers; those known already are skipped, our own replace what waited. */
export function settle(state, items) {
  const news = items.filter((item) => item.n > state.n);
  if (news.length === 0) return state;
  const mine = new Set(news.map((item) => item.client).filter(Boolean));
  const end = news[news.length - 1];
  return {
    ...state,
    items: [...state.items, ...news],
    n: end.n,
    last: end.id,
    pending: state.pending.filter((one) => !mine.has(one.client)),
  };
}

/** Items from before the first one. */
export function older(state, items, more) {
  const first = state.items[0]?.n ?? Infinity;
  return { ...state, items: [...items.filter((item) => item.n < first), ...state.items], more };
}

export function queued(state, message) {
  return { ...state, pending: [...state.pending, message] };
}

/** Change one message that waits. */
export function changed(state, client, facts) {
  return { ...state, pending: state.pending.map((one) => (one.client === client ? { ...one, ...facts } : one)) };
}

export function dropped(state, client) {
  return { ...state, pending: state.pending.filter((one) => one.client !== client) };
}

/** An agent has read what the visitor wrote up to number `n`. */
export function readByAgent(state, n) {
  return n > state.readByAgent ? { ...state, readByAgent: n } : state;
}

/** The newest message of ours that is not reported as read beyond `upTo`, or nothing. */
export function unseen(state, upTo) {
  const ours = state.items.filter((item) => item.dir === "out");
  const newest = ours[ours.length - 1];
  return newest && newest.n > upTo ? newest : null;
}

export function unreadCount(state, upTo) {
  return state.items.filter((item) => item.dir === "out" && item.n > upTo && item.state !== "read").length;
}

/** Who answered last, by name. */
export function agent(state) {
  for (let at = state.items.length - 1; at >= 0; at -= 1) {
    const item = state.items[at];
    if (item.dir === "out" && item.author && !item.automatic) return item.author;
  }
  return "";
}
