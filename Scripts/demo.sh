#!/usr/bin/env bash
# Builds media-tool and runs it on generated samples or on FILES; ends with the tool's own exit code.
#
# From the environment: FILES (paths and patterns; quote a path that holds spaces once more: FILES="'my photo.jpg' b.mp4"),
# OUT (demo-out), STORE (sqlite:$OUT/tasks.sqlite; postgres: on a server of its own; postgres://…: on that one), PRESET (default), JOBS (2).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

out=${OUT:-demo-out}
store=${STORE:-sqlite:$out/tasks.sqlite}

# split_files TEXT fills the array `files`. Quotes group as in a shell, but nothing in TEXT is ever executed.
split_files() {
    local item
    files=()
    if [[ -e $1 ]]; then
        files=("$1")
        return
    fi
    local items
    items=$(xargs printf '%s\n' <<<"$1") || die "cannot read FILES=$1" 'Is a quote left open?'
    while IFS= read -r item; do
        if [[ -e $item ]]; then
            files+=("$item")
        else
            local matches
            mapfile -t matches < <(compgen -G "$item" | sort)
            [[ ${#matches[@]} -gt 0 ]] || die "no such file: $item" \
                "A path with spaces needs quotes of its own: make demo FILES=\"'my photo.jpg' b.mp4\""
            files+=("${matches[@]}")
        fi
    done <<<"$items"
}

step=demo
if [[ $store == postgres ]]; then step=postgres; fi
if [[ -n ${FILES:-} ]]; then
    split_files "$FILES"
    Scripts/bootstrap.sh "$step"
else
    Scripts/bootstrap.sh "$step"
    Scripts/make-samples.sh .build/samples
    files=(.build/samples/*.*)
fi

say 'building media-tool (the first time takes minutes)'
swift build -c release -j "${JOBS:-2}" --product media-tool
swift build -c release -j "${JOBS:-2}" --product media-engine-child
tool=$(swift build -c release --show-bin-path)/media-tool

mkdir -p "$out"
# The server lives in /tmp, where its own user gets at it. It is the same one until a run has come to its end.
server='' note=$out/.postgres around=()
if [[ $store == postgres ]]; then
    if [[ -s $note && -O $note ]]; then server=$(<"$note"); fi
    if [[ ! -d $server || $server != /tmp/taskcore-demo-* ]]; then
        server=$(mktemp -d /tmp/taskcore-demo-XXXXXX)
        printf '%s\n' "$server" >"$note"
    fi
    around=(Scripts/postgres.sh run --in "$server" --)
    # All of the address comes from libpq's environment variables, which are set for the command.
    store=postgres:
fi
# A password is nobody's business.
shown=$(sed -E 's#(://[^:@]*:).*@#\1…@#; s#(password *= *)('"'[^']*'"'|[^ &]+)#\1…#' <<<"$store")
say "media-tool process: ${#files[@]} files, store ${server:+PostgreSQL in }${server:-$shown}, results in $out"
# An interrupt is the tool's to handle; this script lives on to say what to do next.
trap : INT TERM
code=0
"${around[@]}" "$tool" process "${files[@]}" --preset "${PRESET:-default}" --store "$store" --out "$out" || code=$?
trap - INT TERM

if [[ $code -gt 128 ]]; then
    say 'interrupted; type the same command again and it goes on where it stopped'
    if [[ -n $server ]]; then say "its tasks wait in $server until then"; fi
else
    say "results: $out"
    if [[ -n $server ]]; then
        rm -rf --one-file-system "$server" "$note"
        say 'the server is gone again, and its tasks with it'
    else
        say "tasks:   $(printf '%q ' "$tool" list --store "$shown")"
    fi
fi
exit "$code"
