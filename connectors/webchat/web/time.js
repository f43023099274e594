/* Times and sizes as people read them, in the widget's language. */

export function clock(at, tag) {
  return new Intl.DateTimeFormat(tag, { hour: "numeric", minute: "2-digit" }).format(at * 1000);
}

export function dayOf(at) {
  return new Date(at * 1000).toDateString();
}

export function dayName(at, tag, say) {
  const days = Math.round((midnight(Date.now()) - midnight(at * 1000)) / 86_400_000);
  if (days === 0) return say("today");
  if (days === 1) return say("yesterday");
  const near = { weekday: "long", day: "numeric", month: "long" };
  const far = { day: "numeric", month: "long", year: "numeric" };
  return new Intl.DateTimeFormat(tag, days < 200 ? near : far).format(at * 1000);
}

function midnight(ms) {
  return new Date(ms).setHours(0, 0, 0, 0);
}

export function sized(bytes, tag) {
  const units = ["byte", "kilobyte", "megabyte"];
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const style = { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: step === 2 ? 1 : 0 };
  return new Intl.NumberFormat(tag, style).format(bytes / 1000 ** step);
}
