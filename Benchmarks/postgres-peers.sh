#!/usr/bin/env bash
# Measures this package's tasks beside those of pgqueuer and procrastinate on one PostgreSQL, turn by turn, and prints the table.
#
#   Benchmarks/postgres-peers.sh [--json] [--runs N] [--drain N] [--enqueue N] [--slow N] …   (--help lists them all)
#
# The server is TASKCORE_POSTGRES_URL, or else one of its own that is gone afterwards. TASKS_BENCH names a tasks-bench that is built
# already. The programs compared with live in a virtual environment of their own under .build.
source "$(dirname "${BASH_SOURCE[0]}")/../Scripts/common.sh"

Scripts/bootstrap.sh bench

requirements=Benchmarks/postgres-peers-requirements.txt
venv=$REPO_ROOT/.build/peers-venv
if ! [[ $venv/installed -nt $requirements ]]; then
    say 'installing pgqueuer and procrastinate'
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    touch "$venv/installed"
fi

if [[ -z ${TASKS_BENCH:-} ]]; then
    swift build -c release -j "${JOBS:-2}" --product tasks-bench >&2
    TASKS_BENCH=$(swift build -c release --show-bin-path)/tasks-bench
    # Only of what was built here is the version known.
    TASKS_BENCH_VERSION=$(git describe --always --dirty 2>/dev/null || true)
elif [[ $TASKS_BENCH != /* ]]; then
    TASKS_BENCH=$CALLER_DIR/$TASKS_BENCH
fi
[[ -x $TASKS_BENCH ]] || die "no program: $TASKS_BENCH"
export TASKS_BENCH TASKS_BENCH_VERSION=${TASKS_BENCH_VERSION:-}

measure=("$venv/bin/python" "$REPO_ROOT/Benchmarks/postgres_peers.py" "$@")
if [[ -n ${TASKCORE_POSTGRES_URL:-} ]]; then exec "${measure[@]}"; fi
exec Scripts/postgres.sh run -- "${measure[@]}"
