/* The embedding page's side of the widget: a launcher, a frame, and the messages between page and frame.
   The server calls this function with the channel's settings. It touches nothing of the page but one element of its own,
   and keeps one word in the page's sessionStorage: whether the chat is open, so that the next page of the site shows it again. */
(function parley(settings) {
  "use strict";
  if (window.Parley) return;

  const script = document.currentScript || document.querySelector(`script[src*="/widget/${settings.channel}/loader.js"]`);
  if (!script) return;
  const base = new URL(".", script.src);
  const given = script.dataset;
  const position = given.position === "left" || given.position === "right" ? given.position : settings.position;
  const theme = ["light", "dark", "auto"].includes(given.theme) ? given.theme : settings.theme;

  const CSS = `
    :host { all: initial; }
    .launcher, iframe { position: fixed; z-index: 2147483000; ${position}: max(20px, env(safe-area-inset-${position})); }
    .launcher { bottom: max(20px, env(safe-area-inset-bottom)); width: 56px; height: 56px; padding: 0; border: 0; border-radius: 50%;
      display: grid; place-items: center; cursor: pointer; color: ${settings.ink}; background: ${settings.colour};
      box-shadow: 0 0 0 1px rgb(255 255 255 / 14%), 0 6px 20px rgb(20 24 28 / 22%), 0 1px 3px rgb(20 24 28 / 18%);
      transition: transform .18s ease, box-shadow .18s ease; -webkit-tap-highlight-color: transparent; }
    .launcher:hover { transform: translateY(-1px); box-shadow: 0 0 0 1px rgb(255 255 255 / 14%), 0 10px 26px rgb(20 24 28 / 26%); }
    .launcher:focus-visible { outline: 3px solid #fff; outline-offset: 0; box-shadow: 0 0 0 6px #1a1a18; }
    .launcher svg { width: 26px; height: 26px; grid-area: 1 / 1; transition: opacity .18s, transform .18s; }
    .launcher .cross, .launcher[aria-expanded="true"] .bubble { opacity: 0; transform: scale(.6) rotate(-20deg); }
    .launcher[aria-expanded="true"] .cross { opacity: 1; transform: none; }
    .badge { position: absolute; top: -3px; right: -3px; min-width: 20px; height: 20px; padding: 0 5px; box-sizing: border-box;
      border-radius: 10px; background: #c5271f; color: #fff; font: 600 12px/20px system-ui, sans-serif; text-align: center;
      box-shadow: 0 0 0 2px #fff; }
    .badge[hidden] { display: none; }
    .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    iframe { bottom: calc(max(20px, env(safe-area-inset-bottom)) + 72px); width: 384px; max-width: calc(100vw - 40px);
      height: min(656px, calc(100vh - 124px)); height: min(656px, calc(100dvh - 124px)); border: 0; border-radius: 18px;
      background: transparent; color-scheme: normal; box-shadow: 0 0 0 1px rgb(128 128 128 / 24%), 0 18px 50px rgb(20 24 28 / 24%), 0 3px 10px rgb(20 24 28 / 10%);
      transform-origin: bottom ${position}; transition: opacity .18s ease, transform .22s cubic-bezier(.2, .8, .3, 1), visibility 0s; }
    iframe.closed { opacity: 0; visibility: hidden; pointer-events: none; transform: translateY(10px) scale(.98);
      transition: opacity .14s ease, transform .14s ease, visibility 0s .14s; }
    @media (max-width: 520px), (max-height: 440px) {
      iframe { inset: 0; width: 100%; max-width: none; height: 100%; height: 100dvh; border-radius: 0; box-shadow: none; }
      .launcher[aria-expanded="true"] { visibility: hidden; }
    }
    @media (prefers-reduced-motion: reduce) { .launcher, .launcher svg, iframe, iframe.closed { transition: none; } }
    @media print { .launcher, iframe { display: none; } }`;

  const host = document.createElement("div");
  host.id = "parley-chat";
  const root = host.attachShadow({ mode: "open" });
  style(root);

  const launcher = document.createElement("button");
  launcher.type = "button";
  launcher.className = "launcher";
  launcher.append(
    drawn("bubble", "M5 4.5h14A2.5 2.5 0 0 1 21.500 7v8A2.500 2.500 0 0 1 19 17.500h-6.500L7.500 21.500v-4H5A2.500 2.500 0 0 1 2.500 15V7A2.500 2.500 0 0 1 5 4.500Z"),
    drawn("cross", "M6 6l12 12M18 6L6 18"),
  );
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.hidden = true;
  badge.setAttribute("aria-hidden", "true");
  launcher.append(badge);

  const said = document.createElement("span");
  said.className = "said";
  said.setAttribute("role", "status");

  const frame = document.createElement("iframe");
  frame.className = "closed";
  frame.title = `Chat: ${settings.name}`;
  frame.allow = "clipboard-write";
  frame.setAttribute("aria-hidden", "true");

  const KEPT = `parley:${settings.channel}:open`;
  let open = kept();
  let restored = open;
  let unread = 0;
  let person = { user: given.user, signature: given.signature, name: given.name, email: given.email };

  /* A page with a strict policy for styles still allows sheets made by script. */
  function style(where) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      where.adoptedStyleSheets = [sheet];
    } catch {
      const element = document.createElement("style");
      element.textContent = CSS;
      where.append(element);
    }
  }

  function drawn(name, path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const line = document.createElementNS(space, "path");
    const facts = { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.9", "aria-hidden": "true", class: name };
    for (const [key, value] of Object.entries(facts)) svg.setAttribute(key, value);
    line.setAttribute("d", path);
    line.setAttribute("stroke-linecap", "round");
    line.setAttribute("stroke-linejoin", "round");
    svg.append(line);
    return svg;
  }

  function post(kind, facts) {
    if (frame.contentWindow) frame.contentWindow.postMessage({ parley: kind, ...facts }, base.origin);
  }

  function label() {
    const what = open ? "Close chat" : "Open chat";
    launcher.setAttribute("aria-label", unread && !open ? `${what}, ${unread} unread` : what);
    launcher.setAttribute("aria-expanded", String(open));
    badge.hidden = open || unread === 0;
    badge.textContent = unread > 9 ? "9+" : String(unread);
  }

  function kept() {
    try {
      return sessionStorage.getItem(KEPT) === "yes";
    } catch {
      return false; // no storage here: each page begins with the chat closed
    }
  }

  function keep() {
    try {
      if (open) sessionStorage.setItem(KEPT, "yes");
      else sessionStorage.removeItem(KEPT);
    } catch {
      // No storage here.
    }
  }

  function place() {
    frame.classList.toggle("closed", !open);
    frame.setAttribute("aria-hidden", String(!open));
    label();
  }

  function show(next) {
    if (open === next) return;
    open = next;
    restored = false;
    keep();
    place();
    post(open ? "open" : "close", { page: location.href });
    if (open) frame.focus();
    else launcher.focus({ preventScroll: true });
  }

  function start() {
    const language = given.language || "";
    post("start", { person, theme, language, page: location.href, open, focus: open && !restored });
  }

  /* Only our own frame, from our own server, is listened to. */
  window.addEventListener("message", (event) => {
    if (event.origin !== base.origin || event.source !== frame.contentWindow || !event.data) return;
    const { parley: kind } = event.data;
    if (kind === "ready") {
      start();
    } else if (kind === "close") {
      show(false);
    } else if (kind === "unread") {
      const before = unread;
      unread = Math.max(0, Math.min(999, Number(event.data.count) || 0));
      if (unread > before && !open) said.textContent = unread === 1 ? "One new chat message" : `${unread} new chat messages`;
      label();
    }
  });

  launcher.addEventListener("click", () => show(!open));
  window.addEventListener("popstate", () => post("page", { page: location.href }));

  window.Parley = {
    open: () => show(true),
    close: () => show(false),
    /** Somebody signs in ({user, signature, name, email}) or out (null) without loading the page again. */
    identify(who) {
      person = who || {};
      post("identify", { person });
    },
  };

  place();
  frame.src = new URL("frame", base).href;
  root.append(frame, launcher, said);
  if (document.body) document.body.append(host);
  else document.addEventListener("DOMContentLoaded", () => document.body.append(host));
})
