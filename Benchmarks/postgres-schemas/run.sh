#!/bin/bash
# Starts a throwaway PostgreSQL, runs schemas.c against it and stops it again: run.sh [arguments of schemas]
# run.sh with COMMAND… runs any other program against it ($SCHEMAS is the compiled one). PGBIN names the server's programs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${PGBIN:-$(pg_config --bindir)}
[ -x "$bin/initdb" ] || bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
dir=$(mktemp -d /tmp/postgres-schemas.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
    as=(runuser -u postgres --)
    chown postgres "$dir"
fi
stop() {
    cd /
    "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM
gcc -O2 -Wall -Wextra -o "$dir/schemas" "$here/schemas.c" -I"$(pg_config --includedir)" -lpq -lm
cd "$dir"
"${as[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
port = 55432
shared_buffers = 512MB
max_wal_size = 4GB
fsync = on
synchronous_commit = on
log_min_messages = error
${PGCONF:-}
CONF
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start >/dev/null
export PGHOST=$dir PGPORT=55432 PGUSER=postgres PGDATABASE=postgres
if [ "${1:-}" = with ]; then
    shift
    SCHEMAS=$dir/schemas "$@"
else
    "$dir/schemas" "$@"
fi
