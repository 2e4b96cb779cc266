#!/usr/bin/env bash
# Formatting of all Swift in the repository: Scripts/lint.sh checks, Scripts/lint.sh --fix rewrites.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

list_files() { # PATTERN: what git tracks or would track; without git, what is there
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard -- "$1"
    else
        find . -path './.build*' -prune -o -name "$1" -type f -print0
    fi
}

existing=()
while IFS= read -r -d '' file; do
    [[ -f $file ]] && existing+=("$file")
done < <(list_files '*.swift')
[[ ${#existing[@]} -gt 0 ]] || die 'found no Swift file'

if [[ ${1:-} == --fix ]]; then
    swift format format --in-place --parallel "${existing[@]}"
    say "formatted ${#existing[@]} files"
    exit
fi
swift format lint --strict --parallel "${existing[@]}" || die 'the formatting is not as .swift-format says' 'make format mends most of it.'

while IFS= read -r -d '' file; do
    bash -n "$file"
    if command -v shellcheck >/dev/null; then shellcheck "$file"; fi
done < <(list_files '*.sh')
say "formatting: ${#existing[@]} Swift files are as .swift-format says"
