#!/usr/bin/env bash
# A PostgreSQL server of one's own, for tests, benchmarks and the demo, which leaves nothing behind.
#
#   Scripts/postgres.sh run [OPTIONS] -- COMMAND…  starts one, runs COMMAND with TASKCORE_POSTGRES_URL and PG* set, takes it away
#   Scripts/postgres.sh start [OPTIONS] DIR        starts the server in DIR, which is made when it is not there; prints the URL
#   Scripts/postgres.sh stop DIR [MODE]            stops it; MODE is fast, smart or immediate (a crash). DIR stays
#   Scripts/postgres.sh serve [OPTIONS] DIR        starts as above; when standard input ends, stops the server and removes DIR
#   Scripts/postgres.sh find                       prints the folder of the newest server's programs
#
#   -c NAME=VALUE  a setting of postgresql.conf
#   --in DIR       of run: the server lives in DIR and its data stay there for the next run
#   --tls          of a new server: it refuses TCP without TLS; its certificate is DIR/server.crt
#   --disk MB      of a new server: its data are on a file system of that size, which is in memory (root only)
#
# It listens on 127.0.0.1 (with a random password, for whoever reaches a superuser runs programs as its user) and on a socket in
# DIR, which is closed to others. As root the server runs as the user postgres, because it refuses root.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() { die "$1" "$(sed -n 's/^#   //p' "$REPO_ROOT/Scripts/postgres.sh")"; }

find_programs() {
    local folder
    # Debian keeps them off PATH; the newest first.
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(pg_config --bindir 2>/dev/null)" \
        "$(dirname "$(command -v postgres)" 2>/dev/null)"; do
        [[ -x $folder/initdb && -x $folder/postgres && -x $folder/pg_ctl ]] || continue
        printf '%s\n' "$folder"
        return
    done
    return 1
}

use_programs() {
    programs=$(find_programs) || die 'no PostgreSQL server on this machine' 'Scripts/bootstrap.sh postgres installs one.'
}

# In the server's directory, as its user; both must be able to see the other's files.
as_server() { # COMMAND…
    cd "$dir"
    if [[ $EUID -eq 0 ]]; then
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --init-groups "$@"
    else
        "$@"
    fi
}

use_directory() { # DIR -> dir, an absolute path
    [[ -n ${1:-} ]] || usage 'which directory?'
    if [[ $1 == /* ]]; then dir=$1; else dir=$CALLER_DIR/$1; fi
    dir=${dir%/}
    owner=$(id -un)
    if [[ $EUID -eq 0 ]]; then
        owner=postgres
        id -u "$owner" >/dev/null 2>&1 || owner=nobody
    fi
}

make_directory() {
    # The server's user must pass through what lies above, and nobody lets it into a home for that.
    mkdir -p "${dir%/*}/"
    umask 077
    mkdir -p "$dir"
    if [[ $EUID -eq 0 ]]; then chown "$owner" "$dir"; fi
    if ! (as_server test -w "$dir") 2>/dev/null; then
        rmdir "$dir" 2>/dev/null || true
        die "the user $owner cannot reach $dir" 'Choose a directory below /tmp or /var/tmp.'
    fi
    # Of a Unix socket's path the system takes about a hundred bytes.
    [[ ${#dir} -le 80 ]] || die "too long a path for a socket: $dir"
}

make_server() { # settings… -> DIR/data
    local password
    make_directory
    say "making a PostgreSQL $("$programs/postgres" --version | grep -oE '[0-9.]+' | head -n 1) server in $dir"
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '%s\n' "$password" >"$dir/password"
    local initdb=("$programs/initdb" --pgdata=data --username=taskcore --pwfile=password --no-sync --no-instructions
        --encoding=UTF8 --no-locale --auth-local=trust --auth-host=scram-sha-256)
    if [[ -n $disk ]]; then
        mkdir "$dir/data"
        mount -t tmpfs -o "size=${disk}m,mode=0700" none "$dir/data" || die 'cannot mount a file system' 'Only root can.'
        initdb+=(--wal-segsize=1)
    fi
    if [[ $tls == yes ]]; then
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
            -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$dir/server.key" -out "$dir/server.crt" 2>"$dir/openssl.log" ||
            die 'openssl made no certificate' "$(cat "$dir/openssl.log")"
    fi
    if [[ $EUID -eq 0 ]]; then chown -R "$owner" "$dir"; fi
    (as_server "${initdb[@]}") >"$dir/initdb.log" 2>&1 || die 'initdb failed' "$(tail -n 5 "$dir/initdb.log")"
    {
        # Durable as in earnest: what is measured and crashed here is what users have.
        printf '%s\n' "listen_addresses = '127.0.0.1'" "unix_socket_directories = '${dir//\'/\'\'}'" 'max_connections = 200' \
            'shared_buffers = 256MB' 'fsync = on' 'synchronous_commit = on' 'log_min_messages = warning' \
            "log_line_prefix = '%m [%p] %q%a '" "include_if_exists = 'port.conf'" "include_if_exists = 'settings.conf'"
        if [[ $tls == yes ]]; then printf '%s\n' 'ssl = on' "ssl_cert_file = '../server.crt'" "ssl_key_file = '../server.key'"; fi
    } >>"$dir/data/postgresql.conf"
    if [[ $tls == yes ]]; then sed -i -E 's/^host( .*127\.0\.0\.1)/hostssl\1/' "$dir/data/pg_hba.conf"; fi
}

# What a server inherits it holds as long as it lives, and whoever waits for the end of such a pipe waits as long.
close_inherited() {
    local descriptor
    for descriptor in /dev/fd/*; do
        descriptor=${descriptor##*/}
        # 255 is bash's own, for this script.
        if [[ $descriptor -gt 2 && $descriptor -ne 255 ]]; then eval "exec $descriptor>&-"; fi
    done
}

is_running() { (as_server "$programs/pg_ctl" status --pgdata=data) >/dev/null 2>&1; }

# A port below those that the system lends to outgoing connections, where nobody listens at the moment.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    printf '%s\n' "$port"
}

start_server() {
    local setting try
    [[ -f $dir/data/PG_VERSION ]] || make_server
    is_running && return
    for setting in "${settings[@]}"; do
        [[ $setting == ?*=* ]] || usage "not NAME=VALUE: $setting"
        local value=${setting#*=}
        printf "%s = '%s'\n" "${setting%%=*}" "${value//\'/\'\'}" >>"$dir/data/settings.conf"
    done
    for try in {1..10}; do
        # The port is kept over a restart. Somebody else may take it in between: then another one, but only before its first use.
        if [[ $try -gt 1 ]] || [[ ! -f $dir/data/port.conf ]]; then printf 'port = %s\n' "$(free_port)" >"$dir/data/port.conf"; fi
        if [[ $EUID -eq 0 ]]; then chown "$owner" "$dir"/data/*.conf; fi
        : >"$dir/start.log"
        if (
            close_inherited
            as_server "$programs/pg_ctl" start --silent --wait --pgdata=data --log=server.log --timeout=60
        ) </dev/null >"$dir/start.log" 2>&1; then
            : >"$dir/started"
            return
        fi
        if [[ -f $dir/started ]] || ! tail -n 20 "$dir/server.log" 2>/dev/null | grep -q 'could not bind\|could not create any TCP'; then
            break
        fi
    done
    die "PostgreSQL did not start in $dir" "$(cat "$dir/start.log")" "$(tail -n 8 "$dir/server.log" 2>/dev/null)"
}

read_address() { # -> port, password, query, url
    port=$(sed -n 's/^port = //p' "$dir/data/port.conf")
    password=$(<"$dir/password")
    host=127.0.0.1 query=
    if [[ -f $dir/server.crt ]]; then
        host=localhost query="?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=$dir/server.crt"
    fi
    url="postgres://taskcore:$password@$host:$port/postgres$query"
}

stop_server() { # MODE
    [[ -d $dir/data ]] || return 0
    is_running || return 0
    (as_server "$programs/pg_ctl" stop --silent --wait --timeout=30 --pgdata=data --mode="$1") </dev/null >&2
}

remove_server() {
    stop_server immediate || { kill -KILL "$(head -n 1 "$dir/data/postmaster.pid")" || true; }
    if [[ -d $dir/data ]] && mountpoint -q "$dir/data" 2>/dev/null; then umount -l "$dir/data"; fi
    rm -rf --one-file-system "$dir"
}

serve() {
    # Its only orders come by standard input, which the system ends even when the one who holds the other end is killed.
    trap '' INT TERM HUP
    trap remove_server EXIT
    start_server
    read_address
    printf 'url %s\n' "$url"
    while read -r _; do :; done
}

run() { # COMMAND…
    local child code=0
    [[ $# -gt 0 ]] || usage 'run what?'
    if [[ -z $dir ]]; then
        use_directory "$(mktemp -d "${TMPDIR:-/tmp}/taskcore-postgres-XXXXXX")"
        # In a session of its own where that can be had, so that it cleans up whatever becomes of this process and its group.
        local watcher=("$REPO_ROOT/Scripts/postgres.sh" serve "${options[@]}" "$dir")
        if command -v setsid >/dev/null; then watcher=(setsid "${watcher[@]}"); fi
        coproc SERVER { exec "${watcher[@]}"; }
        local server=$SERVER_PID line=''
        read -r line <&"${SERVER[0]}" || die 'there is no server to run the command with'
        [[ $line == 'url '* ]] || die "the server says: $line"
        # A copy, because bash closes its own when the process ends.
        exec {order}>&"${SERVER[1]}"
        eval "exec ${SERVER[1]}>&-"
    else
        # shellcheck disable=SC2064 # for good
        trap 'stop_server fast' EXIT
        start_server
    fi
    read_address
    export TASKCORE_POSTGRES_URL=$url PGHOST=$host PGPORT=$port PGUSER=taskcore PGPASSWORD=$password PGDATABASE=postgres
    if [[ -n $query ]]; then export PGHOSTADDR=127.0.0.1 PGSSLMODE=verify-full PGSSLROOTCERT=$dir/server.crt; fi

    # In the background, so that a signal is passed on at once; an interrupt typed at the terminal reaches the command by itself.
    local start=("$@") signals='INT,QUIT'
    if env --default-signal="$signals" true 2>/dev/null; then start=(env --default-signal="$signals" "$@"); fi
    trap 'if ! [[ -t 0 ]]; then kill -INT "$child"; fi' INT
    trap 'kill -TERM "$child"' TERM HUP
    (
        cd "$CALLER_DIR"
        if [[ -n ${order:-} ]]; then exec {order}>&-; fi
        exec "${start[@]}"
    ) <&0 &
    child=$!
    while kill -0 "$child" 2>/dev/null; do
        code=0
        wait "$child" || code=$?
    done
    trap '' INT TERM HUP
    if [[ -n ${order:-} ]]; then
        exec {order}>&-
        wait "$server" || true
    fi
    exit "$code"
}

verb=${1:-}
shift || usage 'what is to be done?'
options=() settings=() dir='' disk='' tls=no
if [[ $verb != find ]]; then use_programs; fi
while [[ ${1:-} == -* ]]; do
    case $1 in
        -c) settings+=("${2:-}") options+=(-c "${2:-}") && shift 2 ;;
        --in) use_directory "${2:-}" && shift 2 ;;
        --disk) disk=${2:-} options+=(--disk "${2:-}") && shift 2 ;;
        --tls) tls=yes options+=(--tls) && shift ;;
        --) shift && break ;;
        *) usage "unknown option: $1" ;;
    esac
done
[[ $disk =~ ^[0-9]*$ ]] || usage "not a number of megabytes: $disk"

case $verb in
    find) find_programs ;;
    run) run "$@" ;;
    start)
        use_directory "${1:-}"
        start_server
        read_address
        printf '%s\n' "$url"
        say "PostgreSQL runs in $dir; stop it with: Scripts/postgres.sh stop $(printf '%q' "$dir")"
        ;;
    stop)
        use_directory "${1:-}"
        stop_server "${2:-fast}"
        say "stopped; its data are still in $dir"
        ;;
    serve)
        use_directory "${1:-}"
        serve
        ;;
    *) usage "unknown command: $verb" ;;
esac
