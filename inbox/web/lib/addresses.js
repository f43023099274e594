// Addresses as people type or paste them: "Ann Lee <ann@example.org>, bob@example.org". The server checks them again.

const ADDRESS = /^[^\s@<>()[\],;:\\"]{1,64}@[^\s@<>()[\],;:\\".]+(\.[^\s@<>()[\],;:\\".]+)*$/;
const NAMED = /^(.*)<([^<>]*)>$/;
const MOST = 50;

/** [{address, name, bad}] in the order typed; what is no address is kept as it was and marked `bad`. */
export function readAddresses(text) {
  const parts = String(text).match(/(?:"[^"]*"|<[^>]*>|[^,;\n])+/g) ?? [];
  return parts.map((part) => part.trim()).filter(Boolean).slice(0, MOST).map(one);
}

function one(part) {
  const named = NAMED.exec(part);
  const address = (named ? named[2] : part).trim();
  const name = named ? named[1].trim().replace(/^"(.*)"$/, "$1").trim() : "";
  return { address, name, bad: !ADDRESS.test(address) };
}

/** `list` and `more`, each address once. */
export function joined(list, more) {
  const known = new Set();
  return [...list, ...more].filter(({ address }) => {
    const key = address.toLowerCase();
    return !known.has(key) && known.add(key);
  });
}
