// The one ticking clock of the page, corrected to the server's. `seconds` ticks each second, `minutes` twice a minute.
import { signal } from "@preact/signals";

let skew = 0;
let measured = false;

/** Now by the server's clock, in seconds since the epoch. */
export const now = () => Date.now() / 1000 + skew;

/** A live frame carries the server's time: the largest difference seen has the least delay in it. */
export function observe(at) {
  const difference = at - Date.now() / 1000;
  if (!measured || difference > skew) skew = difference;
  measured = true;
}

export const seconds = signal(now());
export const minutes = signal(now());

/** Seconds since `at`. Whoever asks is painted anew each second for as long as these are few, from then on with the minutes. */
export function age(at) {
  const rough = minutes.value - at;
  return rough < 60 ? seconds.value - at : rough;
}

let ticks = 0;
setInterval(() => {
  seconds.value = now();
  if (++ticks % 30 === 0) minutes.value = seconds.value;
}, 1000);
