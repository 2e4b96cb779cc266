# Sourced by the other scripts: strict mode, the repository's root as working directory, and two ways to speak.
# shellcheck shell=bash
set -euo pipefail

REPO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The caller's directory, for arguments that are relative to it.
# shellcheck disable=SC2034
CALLER_DIR=$PWD
cd "$REPO_ROOT"

say() { printf '==> %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$1" >&2
    shift
    local line
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}
