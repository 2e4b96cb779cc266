#!/usr/bin/env bash
# Runs every benchmark once in release mode, prints the table and writes bench.json.
# The programs compared against (pyvips, Pillow) live in a virtual environment of their own under .build.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

Scripts/bootstrap.sh bench

venv=$REPO_ROOT/.build/bench-venv
if ! [[ $venv/installed -nt Scripts/bench-requirements.txt ]]; then
    say 'installing pyvips and Pillow'
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement Scripts/bench-requirements.txt
    touch "$venv/installed"
fi

swift build -c release -j "${JOBS:-2}" --product bench
swift build -c release -j "${JOBS:-2}" --product media-engine-child
TASKCORE_BENCH_PYTHON=$venv/bin/python "$(swift build -c release --show-bin-path)/bench" --output "${BENCH_OUT:-bench.json}" "$@"
