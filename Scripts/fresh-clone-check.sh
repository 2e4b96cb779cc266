#!/usr/bin/env bash
# What a newcomer meets: clones HEAD into an empty folder and types `make demo`, `make demo` again and `make test` there.
# Scripts/fresh-clone-check.sh [FOLDER] keeps the clone in FOLDER; otherwise it is removed at the end.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if [[ -n $(git status --porcelain) ]]; then
    say 'note: what is not committed is not in the clone'
fi
cd "$CALLER_DIR"
if [[ $# -gt 0 ]]; then
    [[ ! -e $1 ]] || die "$1 exists already"
    mkdir -p "$1"
    folder=$(cd "$1" && pwd)
else
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi

# The folder of real media lies beside the checkout, where there is one.
if [[ -d $REPO_ROOT/../shared/media ]]; then
    mkdir "$folder/shared"
    ln -s "$(cd "$REPO_ROOT/../shared/media" && pwd)" "$folder/shared/media"
fi
git clone --quiet --no-local "$REPO_ROOT" "$folder/clone"
cd "$folder/clone"
say "clone of $(git log -1 --format='%h %s') in $PWD"

as_newcomer() { # COMMAND… with nothing of this shell's environment but the necessary
    local began=$SECONDS
    say "$*"
    env -i PATH="$PATH" HOME="$HOME" TERM="${TERM:-dumb}" LANG=C.UTF-8 "$@" </dev/null
    say "passed in $((SECONDS - began)) s: $*"
}

as_newcomer make demo
as_newcomer make demo
as_newcomer make test
[[ -z $(git status --porcelain) ]] || die 'the commands left files that git would track:' "$(git status --porcelain)"
say 'a fresh clone builds, shows and passes'
