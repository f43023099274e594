// Text as it is shown: links found in plain text (as data, never as HTML), initials, sizes, plurals.

const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"'`\u0000-\u001f]+|\b[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}\b/gi;
const TRAILING = /[.,;:!?'"»”’]+$/;
const LONGEST = 100_000;

/** Split text into [{text}, {text, href}]: only http, https and mailto ever become a link. */
export function linkify(text) {
  const parts = [];
  const source = String(text).slice(0, LONGEST);
  let from = 0;
  for (const match of source.matchAll(LINK)) {
    const word = trim(match[0]);
    const href = address(word);
    if (!href) continue;
    if (match.index > from) parts.push({ text: source.slice(from, match.index) });
    parts.push({ text: word, href });
    from = match.index + word.length;
  }
  if (from < source.length) parts.push({ text: source.slice(from) });
  return parts;
}

function trim(word) {
  let bare = word.replace(TRAILING, "");
  while (bare.endsWith(")") && bare.split(")").length > bare.split("(").length) bare = bare.slice(0, -1).replace(TRAILING, "");
  return bare;
}

function address(word) {
  if (!word.includes("://") && word.includes("@")) return `mailto:${word}`;
  try {
    const url = new URL(word.startsWith("www.") ? `https://${word}` : word);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}

/** "Maria Silva" -> "MS"; nothing known -> "?". */
export function initials(name) {
  const words = String(name || "").replace(/[^\p{L}\p{N}\s]/gu, " ").trim().split(/\s+/).filter(Boolean);
  if (!words.length) return "?";
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return letters.map((word) => [...word][0]).join("").toUpperCase();
}

/** A stable small number for a name: which of `count` tones its avatar has. */
export function tone(text, count = 8) {
  let sum = 7;
  for (const char of String(text)) sum = (sum * 31 + char.codePointAt(0)) % 9973;
  return sum % count;
}

/** 1,536 bytes -> "1.5 KB". */
export function bytes(size) {
  if (size < 1024) return `${size} B`;
  const units = ["KB", "MB", "GB"];
  let value = size / 1024;
  let unit = 0;
  while (value >= 1024 && unit < 2) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** Does every word of `query` begin a word of `text` (or, from three letters on, occur in it)? */
export function matches(query, text) {
  const hay = fold(text);
  return fold(query).split(/\s+/).filter(Boolean).every((word) => hay.includes(word));
}

const fold = (text) => String(text || "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
