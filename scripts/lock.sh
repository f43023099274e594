#!/bin/sh
# Writes requirements.lock (to run) and requirements-test.lock (to run and test): the newest releases that pyproject.toml
# allows, resolved once for every platform, with the hashes of all their files and without the name of any host.
set -eu

venv=$1
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT

# The resolver is a tool of this chore alone: it stays out of .venv and out of the locks.
"$venv/bin/python" -m pip --disable-pip-version-check install --quiet --target "$tools" uv

compile() { # compile <lock> <option>...
    lock=$1
    shift
    "$tools/bin/uv" pip compile pyproject.toml "$@" --extra build \
        --universal --python-version 3.11 --generate-hashes --quiet --annotation-style line \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file "$tools/lock"
    grep -v -E '^(-i|--(index-url|extra-index-url|find-links|trusted-host)) ' "$tools/lock" >"$lock"
    rm "$tools/lock" # otherwise its pins would be kept for the next
    echo "parley: $lock names $(grep -c '==' "$lock") releases"
}

compile requirements.lock
# The second is bound to what the first chose: the tests run what is deployed.
compile requirements-test.lock --extra test --constraint requirements.lock
