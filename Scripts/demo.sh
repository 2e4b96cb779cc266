#!/usr/bin/env bash
# Builds media-tool and runs it on generated samples or on FILES; ends with the tool's own exit code.
#
# From the environment: FILES (paths and patterns; quote a path that holds spaces once more: FILES="'my photo.jpg' b.mp4"),
# OUT (demo-out), STORE (sqlite:$OUT/tasks.sqlite; postgres for a server of its own, which runs as long as the demo and keeps its
# data in $OUT/postgres; postgres://… for that one), PRESET (default), JOBS (2).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

out=${OUT:-demo-out}
store=${STORE:-sqlite:$out/tasks.sqlite}

if [[ $store == postgres ]]; then
    Scripts/bootstrap.sh postgres
    # All of the address comes from libpq's environment variables: a command line can be read by others.
    exec Scripts/postgres.sh run --in "$out/postgres" -- env DEMO_SERVER="$out/postgres" STORE=postgres: Scripts/demo.sh
fi

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

if [[ -n ${FILES:-} ]]; then
    split_files "$FILES"
    Scripts/bootstrap.sh demo
else
    Scripts/bootstrap.sh demo
    Scripts/make-samples.sh .build/samples
    files=(.build/samples/*.*)
fi

say 'building media-tool (the first time takes minutes)'
swift build -c release -j "${JOBS:-2}" --product media-tool
swift build -c release -j "${JOBS:-2}" --product media-engine-child
tool=$(swift build -c release --show-bin-path)/media-tool

mkdir -p "$out"
# A password is nobody's business.
shown=$(sed -E 's#(://[^:@]*:).*@#\1…@#; s#(password *= *)('"'[^']*'"'|[^ &]+)#\1…#' <<<"$store")
say "media-tool process: ${#files[@]} files, store ${DEMO_SERVER:+PostgreSQL in }${DEMO_SERVER:-$shown}, results in $out"
# An interrupt is the tool's to handle; this script lives on to say what to do next.
trap : INT TERM
code=0
"$tool" process "${files[@]}" --preset "${PRESET:-default}" --store "$store" --out "$out" || code=$?
trap - INT TERM

if [[ $code -gt 128 ]]; then
    say 'interrupted; type the same command again and it goes on where it stopped'
else
    say "results: $out"
    if [[ -n ${DEMO_SERVER:-} ]]; then
        say "tasks:   Scripts/postgres.sh run --in $(printf '%q' "$DEMO_SERVER") -- $(printf '%q ' "$tool" list --store postgres:)"
    else
        say "tasks:   $(printf '%q ' "$tool" list --store "$shown")"
    fi
fi
exit "$code"
