#!/usr/bin/env bash
# Builds the reference documentation of the public modules with the toolchain's own docc, into .build/docs.
# Not by swift-docc-plugin: a dependency of the package is one of every service that embeds it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v docc >/dev/null || die 'no docc on PATH' 'It comes with the swift.org toolchain, beside swift.'

say 'extracting symbols'
# With extension blocks: what TaskTesting adds to TaskManager is on pages of TaskTesting.
swift package dump-symbol-graph --minimum-access-level public --emit-extension-block-symbols >/dev/null
graphs=$(dirname "$(swift build --show-bin-path)")/symbolgraph
[[ -d $graphs ]] || die "no symbol graphs in $graphs"

built=0
failed=()
for catalog in Sources/*/*.docc; do
    [[ -d $catalog ]] || continue
    module=$(basename "$(dirname "$catalog")")
    selected=.build/docs/.graphs/$module
    rm -rf "$selected" && mkdir -p "$selected"
    cp "$graphs/$module".symbols.json "$selected/"
    find "$graphs" -name "$module@*.symbols.json" -exec cp {} "$selected/" \;
    # A link that leads nowhere and a parameter without its line are errors.
    if ! docc convert "$catalog" --additional-symbol-graph-dir "$selected" --output-path ".build/docs/$module" \
        --fallback-display-name "$module" --fallback-bundle-identifier "$module" \
        --transform-for-static-hosting --hosting-base-path "$module" --warnings-as-errors; then
        failed+=("$module")
        continue
    fi
    say "documentation: .build/docs/$module"
    built=$((built + 1))
done
[[ ${#failed[@]} -eq 0 ]] || die "documentation with faults: ${failed[*]}" 'What they are is written above.'
[[ $built -gt 0 ]] || die 'found no DocC catalog (Sources/<Module>/<Module>.docc)'
say 'to read it: python3 -m http.server --directory .build/docs, then http://localhost:8000/TaskCore/documentation/taskcore/'
