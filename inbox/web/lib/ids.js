// Ids that the page invents: time first, so that they sort by when they were made.

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A ULID: 48 bits of time, 80 bits of chance. */
export function ulid(time = Date.now()) {
  let text = "";
  for (let rest = time, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32] + text;
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += ALPHABET[byte % 32];
  return text;
}

export const messageId = () => `msg_${ulid()}`;
