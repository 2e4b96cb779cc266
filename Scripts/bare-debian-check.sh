#!/usr/bin/env bash
# The promise of the README, on a machine that holds nothing: a minimal Debian in a chroot, this machine's Swift toolchain, make,
# and a clone of HEAD; there `make demo` and `make test`. As root, with debootstrap; takes the better part of an hour.
# Scripts/bare-debian-check.sh [SUITE] (bookworm)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

suite=${1:-bookworm}
[[ $EUID -eq 0 ]] || die 'only root may make a chroot'
command -v debootstrap >/dev/null || die 'no debootstrap on PATH' 'apt-get install debootstrap'
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")

folder=$(mktemp -d)
system=$folder/system
trap 'rm -rf --one-file-system "$folder"' EXIT

say "unpacking a minimal Debian $suite"
debootstrap --variant=minbase --include=make "$suite" "$system" http://deb.debian.org/debian >"$folder/debootstrap.log" 2>&1 ||
    die 'debootstrap failed' "$(tail -n 5 "$folder/debootstrap.log")"
cp /etc/resolv.conf "$system/etc/resolv.conf"
git clone --quiet --no-local "$REPO_ROOT" "$system/work/clone"
mkdir -p "$system/opt/swift/usr" "$system/root/.cache/org.swift.swiftpm" "$system/work/shared/media"

# The mounts live in a namespace of their own and end with it.
for command in demo test; do
    say "make $command"
    # shellcheck disable=SC2016 # expanded by the inner bash
    unshare --mount --propagation private bash -euc '
        system=$1 toolchain=$2 media=$3 command=$4
        mount --bind "$toolchain" "$system/opt/swift/usr"
        mount -o remount,bind,ro "$system/opt/swift/usr"
        mount -t proc proc "$system/proc"
        mount --rbind /dev "$system/dev"
        # What SwiftPM has fetched before need not be fetched again.
        if [[ -d $HOME/.cache/org.swift.swiftpm ]]; then
            mount --bind "$HOME/.cache/org.swift.swiftpm" "$system/root/.cache/org.swift.swiftpm"
        fi
        if [[ -d $media ]]; then mount --bind "$media" "$system/work/shared/media"; fi
        exec chroot "$system" /usr/bin/env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
            PATH=/opt/swift/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin make -C /work/clone "$command" </dev/null
    ' _ "$system" "$toolchain" "$REPO_ROOT/../shared/media" "$command"
done
say "a bare Debian $suite builds, shows and passes"
