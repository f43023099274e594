/* Which embedding page may speak to the frame: the same rule as the server's `origins.py`. */

/** Whether `origin` is ours or fits one of the patterns. */
export function allowed(origin, patterns) {
  if (origin === location.origin) return true;
  return patterns.some((pattern) => {
    if (pattern === "*") return /^https?:\/\//.test(origin);
    if (!pattern.includes("://*.")) return origin === pattern;
    const [scheme, rest] = pattern.split("://*");
    const start = `${scheme}://`;
    return origin.startsWith(start) && origin.endsWith(rest) && origin.length > start.length + rest.length;
  });
}
