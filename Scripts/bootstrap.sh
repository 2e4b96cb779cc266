#!/usr/bin/env bash
# Installs what the named step needs and is missing, on Debian or Ubuntu: Scripts/bootstrap.sh [demo|postgres|test|bench]
# (postgres: of the demo on a PostgreSQL of its own). Does nothing, quickly, when nothing is missing. On other systems it names what
# is missing and stops.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

MINIMUM_SWIFT=6.2

# package | a command that succeeds when the need is met without that package
DEMO_NEEDS='
ca-certificates  | test -s /etc/ssl/certs/ca-certificates.crt
git              | command -v git
g++              | command -v g++
pkg-config       | command -v pkg-config
libsqlite3-dev   | pkg-config --exists sqlite3
libpq-dev        | pkg-config --exists libpq
libvips-dev      | pkg-config --exists vips
libavfilter-dev  | pkg-config --exists libavfilter libavformat libavcodec libswscale libswresample
ffmpeg           | command -v ffmpeg && command -v ffprobe
libvips-tools    | command -v vips && command -v vipsthumbnail
'
POSTGRES_NEEDS='
postgresql       | Scripts/postgres.sh find
postgresql-client | command -v psql
'
TEST_NEEDS="$DEMO_NEEDS
$POSTGRES_NEEDS
pgbouncer        | command -v pgbouncer || test -x /usr/sbin/pgbouncer
openssl          | command -v openssl
strace           | command -v strace
sqlite3          | command -v sqlite3
procps           | command -v ps
libfaketime      | ls /usr/lib/*/faketime/libfaketimeMT.so.1
iproute2         | command -v ip || test -x /usr/sbin/ip || test -x /sbin/ip
"
BENCH_NEEDS="$DEMO_NEEDS
$POSTGRES_NEEDS
python3-venv     | python3 -c 'import ensurepip, venv'
python3-dev      | python3 -c 'import os, sysconfig; open(os.path.join(sysconfig.get_path(\"include\"), \"Python.h\"))'
sqlite3          | command -v sqlite3
"

# What the swift.org toolchain itself loads and links with on a bare Debian or Ubuntu.
TOOLCHAIN_PACKAGES=(binutils libc6-dev libcurl4-openssl-dev libedit2 libncurses-dev libsqlite3-0 libxml2-dev tzdata zlib1g-dev)

check_needs() { # needs… -> the packages missing, one a line
    local package probe installed
    installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' 2>/dev/null || true)
    while IFS='|' read -r package probe; do
        package=${package//[[:space:]]/}
        [[ -n $package ]] || continue
        grep -qxF "installed $package" <<<"$installed" && continue
        (eval "$probe") </dev/null >/dev/null 2>&1 && continue
        printf '%s\n' "$package"
    done <<<"$1"
}

# Debian starts what it installs: a database cluster, a PgBouncer. Nobody asked for those, and the tests start their own. So while
# packages are installed, the two ways Debian offers to say no are taken, and taken back afterwards: no cluster is made, no service
# started. Where an administrator has said something there, or the package was there before, nothing is touched.
NO_CLUSTER=/etc/postgresql-common/createcluster.d/taskcore-bootstrap.conf
NO_START=/usr/sbin/policy-rc.d
forbids=no wants_pgbouncer=no made_policy=no
forbid_services() { # packages…
    if [[ " $* " == *' pgbouncer '* ]]; then wants_pgbouncer=yes; fi
    [[ " $* " == *' postgresql '* || $wants_pgbouncer == yes ]] || return 0
    forbids=yes
    trap allow_services EXIT
    "${as_root[@]}" mkdir -p "${NO_CLUSTER%/*}"
    "${as_root[@]}" tee "$NO_CLUSTER" <<<'create_main_cluster = false' >/dev/null
    if [[ ! -e $NO_START ]]; then
        # Of Scripts/bootstrap.sh; left behind only if that was killed, and then to be removed.
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$NO_START" >/dev/null
        "${as_root[@]}" chmod +x "$NO_START"
        made_policy=yes
    fi
}
allow_services() {
    [[ $forbids == yes ]] || return 0
    trap - EXIT
    "${as_root[@]}" rm -f "$NO_CLUSTER"
    "${as_root[@]}" rmdir --ignore-fail-on-non-empty "${NO_CLUSTER%/*}"
    if [[ $made_policy == yes ]]; then "${as_root[@]}" rm -f "$NO_START"; fi
    # Installing enables it for the next start of the machine.
    if [[ $wants_pgbouncer == yes ]] && command -v systemctl >/dev/null; then
        "${as_root[@]}" systemctl --quiet disable pgbouncer.service >&2 || true
    fi
}

install_packages() { # packages…
    command -v apt-get >/dev/null || die "missing: $*" \
        'There is no apt-get here. Install the packages of the same content with your own package manager and run this again;' \
        'what counts is that the commands are on PATH and that pkg-config finds sqlite3, vips and libavfilter.'
    as_root=()
    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || die "missing: $*" "Neither root nor sudo. As root: apt-get install $*"
        as_root=(sudo)
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0)
    local install=("${apt[@]}" install --no-install-recommends "$@")
    say "installing: $*"
    forbid_services "$@"
    # The package lists may be absent (fresh image) or too old for the mirror: try, update once, try again.
    local policy
    policy=$(apt-cache policy "$@" 2>/dev/null || true)
    if [[ $(grep -c '^  Candidate: [^(]' <<<"$policy") -eq $# ]]; then
        if "${install[@]}" </dev/null >&2; then
            allow_services
            return
        fi
        say 'that failed; once more with fresh package lists'
    fi
    "${apt[@]}" update </dev/null >&2 || die 'apt-get update failed' 'Is this machine on a network that reaches its package mirror?'
    "${install[@]}" </dev/null >&2 || die "apt-get could not install: $*" 'Its own words are above.'
    allow_services
}

version_at_least() { # have want
    [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# Succeeds when swift runs and is recent enough, returns 1 when it only lacks shared libraries, stops otherwise.
check_swift() {
    local advice=(
        "Install Swift $MINIMUM_SWIFT or later from https://www.swift.org/install/linux/ and put its usr/bin on PATH,"
        "for instance: export PATH=\"\$HOME/swift/usr/bin:\$PATH\""
    )
    command -v swift >/dev/null || die 'no swift on PATH' "${advice[@]}"
    local output version
    if ! output=$(swift --version 2>&1 </dev/null); then
        [[ $output == *'shared librar'* ]] || die 'swift does not start; it says:' "$output"
        return 1
    fi
    version=$(grep -oE 'Swift version [0-9]+(\.[0-9]+)+' <<<"$output" | head -n 1 | grep -oE '[0-9.]+$' || true)
    [[ -n $version ]] || die 'cannot tell the version of swift; it says:' "$output"
    version_at_least "$version" "$MINIMUM_SWIFT" ||
        die "Swift $version is too old ($(command -v swift)); this package needs $MINIMUM_SWIFT or later" "${advice[@]}"
}

case ${1:-demo} in
    demo) needs=$DEMO_NEEDS ;;
    postgres) needs=$DEMO_NEEDS$POSTGRES_NEEDS ;;
    test) needs=$TEST_NEEDS ;;
    bench) needs=$BENCH_NEEDS ;;
    *) die "unknown step: $1" 'Usage: Scripts/bootstrap.sh [demo|postgres|test|bench]' ;;
esac

mapfile -t missing < <(check_needs "$needs")
# First of all, so that nobody downloads libraries for a compiler that is not there.
check_swift || missing+=("${TOOLCHAIN_PACKAGES[@]}")
[[ ${#missing[@]} -gt 0 ]] || exit 0

install_packages "${missing[@]}"
mapfile -t missing < <(check_needs "$needs")
[[ ${#missing[@]} -eq 0 ]] || die "still missing after the installation: ${missing[*]}"
check_swift || die 'swift still lacks a shared library:' "$(swift --version 2>&1)"
