// Keys as text ("j", "g m", "Mod+k", "Shift+Enter") and the matching of key presses. Which key does what is in state/commands.js.

const MAC = /Mac|iPhone|iPad/.test(navigator.platform || navigator.userAgent);
const SEQUENCE_MS = 1200;

/** The name of a press, or "" for presses that are never ours: composing text, AltGr and everything with Alt. */
export function pressed(event) {
  if (event.isComposing || event.key === "Process" || event.key === "Dead" || event.key === "Unidentified") return "";
  if (event.altKey || event.getModifierState?.("AltGraph")) return "";
  const mod = MAC ? event.metaKey : event.ctrlKey;
  const other = MAC ? event.ctrlKey : event.metaKey;
  if (other || ["Shift", "Control", "Meta", "CapsLock"].includes(event.key)) return "";
  const one = event.key.length === 1;
  const key = one ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (!one || mod) ? "Shift+" : "";
  return (mod ? "Mod+" : "") + shift + key;
}

/** Is the press typed into something? Then plain keys are text, not commands. */
export function typing(target) {
  const element = target instanceof Element ? target : null;
  if (!element) return false;
  if (element.isContentEditable) return true;
  const input = element.closest("input, textarea, select");
  return Boolean(input) && !["checkbox", "radio", "button", "range"].includes(input.type);
}

/** Follows sequences such as "g m". Give it each press; it answers the longest name so far, e.g. ["g m", "m"]. */
export function sequencer(clock = () => performance.now()) {
  let last = "";
  let at = 0;
  return (press) => {
    const names = last && clock() - at < SEQUENCE_MS ? [`${last} ${press}`, press] : [press];
    last = /^[a-z]$/.test(press) ? press : "";
    at = clock();
    return names;
  };
}

/** As shown on the page: "Mod+Enter" -> ["⌘", "↵"] or ["Ctrl", "↵"]. */
export function keycaps(keys) {
  return keys.split(/[+ ]/).filter(Boolean).map((key) => CAPS[key] || (key.length === 1 ? key.toUpperCase() : key));
}

const CAPS = { Mod: MAC ? "⌘" : "Ctrl", Shift: "⇧", Enter: "↵", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓" };
