#!/bin/sh
# The syntax of the page's modules, where Node is at hand; the page itself needs no Node.
set -u
cd "$(dirname "$0")/.."

if ! command -v node >/dev/null 2>&1; then
    echo "check-js: skipped, no node on this machine (the browser journeys load the same files)"
    exit 0
fi
status=0
for file in $(git ls-files '*.js' '*.mjs' | grep -v /vendor/); do
    [ -e "$file" ] || continue
    # Read from standard input, so that .js is judged as the module it is.
    node --input-type=module --check <"$file" || { echo "check-js: $file" >&2; status=1; }
done
exit $status
