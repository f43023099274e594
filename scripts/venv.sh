#!/bin/sh
# Makes the virtual environment $1 if it is missing or broken, and installs the lock $2 (optional) and this project into it.
# Every failure names the command that mends it.
set -eu

venv=$1
lock=${2:-}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

fail() {
    printf '\nparley: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '    %s\n' "$line" >&2; done
    exit 1
}

fits() { # a Python that this project supports
    "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

as_root() { # the command as this user would have to type it
    if [ "$(id -u)" = 0 ]; then echo "$1"; else echo "sudo $1"; fi
}

if ! { [ -x "$venv/bin/python" ] && fits "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    if [ -n "${PYTHON:-}" ] && ! fits "$PYTHON"; then
        fail "PYTHON=$PYTHON is not a Python from 3.11 to 3.13." "Unset it, or name one that is."
    fi
    [ -n "$python" ] || fail "no Python from 3.11 to 3.13 was found." \
        "Debian, Ubuntu:  $(as_root 'apt-get install python3 python3-venv')" \
        "Fedora:          $(as_root 'dnf install python3.13')" \
        "macOS:           brew install python@3.13"
    # --clear also mends an environment whose interpreter has gone or is too old.
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || ! "$python" -m venv --clear "$venv"; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "$python cannot make a virtual environment (its venv module is missing or incomplete)." \
            "Debian, Ubuntu:  $(as_root "apt-get install python$version-venv")" \
            "Then run the same make command again."
    fi
fi

[ -n "$lock" ] || exit 0

pip="$venv/bin/python -m pip --disable-pip-version-check"
echo "parley: installing $lock into $venv ..."
if ! $pip install --quiet --require-hashes -r "$lock"; then
    fail "the packages of $lock could not be installed (pip's own message is above)." \
        "No package index within reach? Name one that is, or a folder of wheels, and run make again:" \
        "    $venv/bin/python -m pip config --site set global.index-url <address of your index>" \
        "    PIP_NO_INDEX=1 PIP_FIND_LINKS=<folder with the wheels> make install" \
        "Hashes do not match? The file served is not the one that was locked: do not install it."
fi
# setuptools comes from the lock too, so nothing unhashed is fetched to build this project.
$pip install --quiet --no-deps --no-build-isolation --editable . ||
    fail "the project itself could not be installed (pip's own message is above)." "rm -rf $venv, then run make again."
