/* Making elements. Text only ever becomes text: nothing here parses markup. */

/** An element with properties, listeners (`onclick`), `class`, `aria-…` and `data-…` attributes, and children. */
export function element(name, facts = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(facts)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const PATHS = {
  file: "M7 3.500h7l4.500 4.500v11.500a1 1 0 0 1-1 1h-10.500a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1ZM14 3.500V8h4.500",
  cross: "M7 7l10 10M17 7L7 17",
};

/** A line drawing, hidden from screen readers. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Make `container` show `rows` ({key, mark, …}): a row whose mark is unchanged keeps its element, so nothing flickers or is read twice. */
export function reconcile(container, rows, render) {
  const before = new Map([...container.children].map((child) => [child.dataset.key, child]));
  let place = container.firstElementChild;
  for (const row of rows) {
    let child = before.get(row.key);
    before.delete(row.key);
    if (child && child.dataset.mark !== row.mark) {
      const fresh = render(row);
      if (place === child) place = fresh;
      child.replaceWith(fresh);
      child = fresh;
    }
    child ??= render(row);
    child.dataset.key = row.key;
    child.dataset.mark = row.mark;
    if (child === place) place = place.nextElementSibling;
    else container.insertBefore(child, place);
  }
  for (const gone of before.values()) gone.remove();
}

/** `text` with its web addresses as links. Only http and https; everything else stays text. */
export function linked(text) {
  const parts = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(/\bhttps?:\/\/[^\s<>"'`]+/gi)) {
    const address = found[0].replace(/[).,;:!?\]}]+$/, "");
    let url;
    try {
      url = new URL(address);
    } catch {
      continue;
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") continue;
    parts.append(text.slice(end, found.index));
    const link = element("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, address);
    parts.append(link);
    end = found.index + address.length;
  }
  parts.append(text.slice(end));
  return parts;
}
