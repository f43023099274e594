// Where the person is, kept in the address bar as #/<view>/<conversation>, so that back, reload and a link to a colleague work.
import { nav, route, search, selected } from "./ui.js";

/** A piece of the address as text; one that was cut or mistyped stands for itself. */
const plain = (piece) => {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
};

const parse = () => {
  const [view = "", conversation = ""] = location.hash.replace(/^#\/?/, "").split("/").map(plain);
  return { view: view || "mine", conversation };
};

const write = ({ view, conversation }) => `#/${[view, conversation].filter(Boolean).map(encodeURIComponent).join("/")}`;

/** Follow the address bar from now on. */
export function follow() {
  const read = () => {
    const next = parse();
    if (next.view !== route.value.view) selected.value = new Set();
    route.value = next;
  };
  window.addEventListener("hashchange", read);
  read();
}

/** Go somewhere. `replace` leaves no step in the history. */
export function go(next, { replace = false } = {}) {
  const target = { ...route.value, ...next };
  if (target.view !== route.value.view) selected.value = new Set();
  route.value = target;
  nav.value = false;
  history[replace ? "replaceState" : "pushState"](null, "", location.pathname + write(target));
}

/** Show a list; the open conversation is left on small screens only when asked for. */
export function show(view) {
  search.value = null;
  go({ view, conversation: "" });
}
