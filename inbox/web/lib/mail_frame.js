// The document inside a mail's frame: the server's sanitised HTML, our stylesheet, and a policy of its own that lets nothing else in.
// The HTML is never put into the page itself: it is read in a document without a window (nothing loads, nothing runs) and written back as text.

const TALLEST = 900;
const POLICY = "default-src 'none'; style-src ORIGIN; img-src data:; form-action 'none'; base-uri 'none'";

/** {srcdoc, remote: number of held-back images, inline: content ids wanted, height}. `pictures`: content id -> data: address. */
export function mailFrame(html, { stylesheet, theme, pictures = new Map() }) {
  const inner = new DOMParser().parseFromString(html, "text/html");
  inner.querySelectorAll("script, style, link, meta, base, iframe, object, embed, form, svg, math, template, noscript, input, button, select, textarea, audio, video").forEach((node) => node.remove());
  const found = images(inner, pictures);
  inner.querySelectorAll("*").forEach(tidy);
  const policy = POLICY.replace("ORIGIN", new URL(stylesheet, location.href).origin);
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><link rel="stylesheet" href="${stylesheet}">`;
  return { ...found, srcdoc: `<!doctype html><html data-theme="${theme}"><head>${head}</head><body>${inner.body.innerHTML}</body></html>`, height: guess(inner.body) };
}

/** Remote pictures are taken out and counted; inline ones get the bytes that we have. */
function images(inner, pictures) {
  let remote = 0;
  const inline = new Set();
  inner.querySelectorAll("img").forEach((image) => {
    const source = image.getAttribute("src") || "";
    const id = source.startsWith("cid:") ? decode(source.slice(4)) : "";
    ["srcset", "src", "background"].forEach((name) => image.removeAttribute(name));
    if (id) inline.add(id);
    else if (source && !source.startsWith("data:image/")) remote += 1;
    const bytes = id ? pictures.get(id) : source.startsWith("data:image/") ? source : "";
    if (bytes) image.setAttribute("src", bytes);
    else image.replaceWith(held(inner, image));
  });
  return { remote, inline: [...inline] };
}

/** What stands in a picture's place; for the one-dot pictures of trackers, nothing. */
function held(inner, image) {
  if (Number(image.getAttribute("width") || 9) < 3 || Number(image.getAttribute("height") || 9) < 3) return inner.createTextNode("");
  const mark = inner.createElement("span");
  mark.className = "held";
  mark.textContent = image.getAttribute("alt") || "picture";
  return mark;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Nothing but links to the web and to mail; no handlers, no styles, no forms' remains. */
function tidy(element) {
  for (const { name } of [...element.attributes]) {
    if (name.startsWith("on") || ["style", "background", "ping", "formaction", "srcdoc", "xlink:href", "poster"].includes(name)) element.removeAttribute(name);
  }
  if (!element.hasAttribute("href")) return;
  if (!/^(https?:|mailto:|tel:)/i.test(element.getAttribute("href").trim())) element.removeAttribute("href");
  else {
    element.setAttribute("target", "_blank");
    element.setAttribute("rel", "noopener noreferrer nofollow");
    element.setAttribute("title", element.getAttribute("href"));
  }
}

/** The frame cannot tell its height (it runs nothing), so it is guessed from the text; it scrolls inside when the guess was short. */
function guess(body) {
  const rows = body.querySelectorAll("tr").length;
  const blocks = body.querySelectorAll("p, div, li, h1, h2, h3, br, blockquote, hr").length;
  const lines = Math.ceil((body.textContent || "").replace(/\s+/g, " ").length / 70);
  const pictures = [...body.querySelectorAll("img[src]")].reduce((sum, image) => sum + Math.min(400, Number(image.getAttribute("height")) || 160), 0);
  return Math.min(TALLEST, Math.max(96, 56 + lines * 23 + blocks * 20 + rows * 34 + pictures));
}
