// Times as people read them. Pure: `now` and all times are seconds since the epoch; nothing here reads the clock.

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const fullDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const withYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const date = (at) => new Date(at * 1000);

/** Whole local days between two times: 0 today, 1 yesterday. */
export function daysAgo(at, now) {
  const midnight = (t) => new Date(date(t).getFullYear(), date(t).getMonth(), date(t).getDate()).getTime();
  return Math.round((midnight(now) - midnight(at)) / (DAY * 1000));
}

/** For a list's edge: "now", "4m", "3h", "Tue", "12 Mar". */
export function short(at, now) {
  if (!at) return "";
  const age = now - at;
  if (age < 45) return "now";
  if (age < HOUR) return `${Math.max(1, Math.round(age / MINUTE))}m`;
  if (age < DAY && daysAgo(at, now) === 0) return `${Math.round(age / HOUR)}h`;
  const days = daysAgo(at, now);
  if (days < 7) return weekday.format(date(at));
  return (days < 300 ? dayMonth : withYear).format(date(at));
}

/** Inside a thread: "14:03". */
export const time = (at) => clock.format(date(at));

/** "14:03", or with the day when it was not today. */
export const since = (at, now) => (daysAgo(at, now) === 0 ? time(at) : `${short(at, now)} ${time(at)}`);

/** Over a day's messages: "Today", "Yesterday", "Tuesday, 12 March". */
export function day(at, now) {
  const days = daysAgo(at, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (days < 300 ? fullDay : withYear).format(date(at));
}

/** "12 Mar", with the year when it was long ago. */
export const dayOf = (at, now) => (daysAgo(at, now) < 300 ? dayMonth : withYear).format(date(at));

/** On hover and for machines. */
export const full = (at) => (at ? exact.format(date(at)) : "");
export const iso = (at) => (at ? date(at).toISOString() : "");

/** A span: "45 s", "3 min", "2 h 10", "4 d". */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)} min`;
  if (s < DAY) return `${Math.floor(s / HOUR)} h ${String(Math.floor((s % HOUR) / MINUTE)).padStart(2, "0")}`;
  return `${Math.floor(s / DAY)} d`;
}

/** When something returns: "today 15:00", "tomorrow 09:00", "Mon 09:00", "12 Mar 09:00". */
export function until(at, now) {
  const days = -daysAgo(at, now);
  if (days === 0) return `today ${time(at)}`;
  if (days === 1) return `tomorrow ${time(at)}`;
  return `${(days < 7 ? weekday : dayMonth).format(date(at))} ${time(at)}`;
}

/** Snooze presets as [label, seconds since the epoch], all in the future, in local time. */
export function snoozePresets(now) {
  const at = (days, hour) => {
    const d = date(now);
    return new Date(d.getFullYear(), d.getMonth(), d.getDate() + days, hour).getTime() / 1000;
  };
  const toMonday = ((8 - date(now).getDay()) % 7) || 7;
  const hour = date(now).getHours();
  const presets = [["In one hour", now + HOUR]];
  if (hour < 15) presets.push(["This evening", at(0, 18)]);
  presets.push(["Tomorrow morning", at(1, 9)]);
  if (toMonday > 1) presets.push(["Next Monday", at(toMonday, 9)]);
  presets.push(["In one week", at(7, 9)]);
  return presets;
}
