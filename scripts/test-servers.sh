#!/bin/sh
# Installs the servers that the tests talk to: Debian's packages, never started as services of the system
# (each test session starts its own, on free loopback ports). Says loudly what is missing where it may not install.
set -u

packages=
missing=
need() { # need <package> <path or command that proves it>...
    package=$1
    shift
    for proof in "$@"; do
        if command -v "$proof" >/dev/null 2>&1 || [ -x "$proof" ]; then return; fi
    done
    packages="$packages $package"
    missing="$missing $(basename "$1")"
}

newest_postgres() { ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1; }

need redis-server redis-server
need postgresql initdb "$(newest_postgres)"
need dovecot-imapd dovecot /usr/sbin/dovecot
need dovecot-lmtpd /usr/lib/dovecot/lmtp /usr/libexec/dovecot/lmtp
need postfix postfix /usr/sbin/postfix
need chromium chromium chromium-browser google-chrome

[ -n "$packages" ] || exit 0

loud() {
    printf '\n%s\n' "!!! parley: test servers are missing:$missing" >&2
    for line in "$@"; do printf '!!! %s\n' "$line" >&2; done
    printf '%s\n\n' "!!! The suites that need them are skipped here and named in the summary; on CI that is a failure." >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 ||
    loud "This is not Debian (no apt-get). Install what is named above with your own package manager."
[ "$(id -u)" = 0 ] || loud "Installing needs root:  sudo make test-servers"

# While the packages are set up, a policy of our own keeps them from starting as services; an existing one stays.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made=1
fi
trap '[ -z "$made" ] || rm -f "$policy"' EXIT
trap 'exit 1' INT TERM

DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
command -v debconf-set-selections >/dev/null 2>&1 &&
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections

log=$(mktemp)
echo "parley: installing$packages ..."
# shellcheck disable=SC2086 # a list of package names
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 $packages; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    loud "apt-get could not install:$packages (its last lines are above)." "apt-get update && apt-get install$packages"
fi
rm -f "$log"
