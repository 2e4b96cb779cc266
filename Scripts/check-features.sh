#!/usr/bin/env bash
# Proves that the compiler settings in Package.swift are in force: the compiler knows each feature flag (a misspelt one is
# silently off), the flags do what they are there for, and every Swift target of ours has them all.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# check SOURCE FLAGS… succeeds when SOURCE type-checks; what the compiler said is left in $scratch/output.
check() {
    printf '%b' "$1" >"$scratch/Probe.swift"
    shift
    swiftc -typecheck -parse-as-library -swift-version 6 -warnings-as-errors "$@" "$scratch/Probe.swift" >"$scratch/output" 2>&1
}

# has_feature KIND NAME asks the compiler itself, with the flag that SwiftPM would pass.
has_feature() {
    check "#if !hasFeature($2)\n#error(\"unknown\")\n#endif\n" "-enable-$1-feature" "$2"
}

# refused_only_with NAME SOURCE: SOURCE is an error with the feature and none without it.
refused_only_with() {
    check "$2" || die "the probe for $1 does not compile even without it" "$(cat "$scratch/output")"
    ! check "$2" -enable-upcoming-feature "$1" || die "$1 is known to the compiler but changes nothing here"
}

if has_feature upcoming NoSuchFeatureExists; then
    die 'the compiler says yes to any feature name, so this check cannot tell' 'Report it with the version of your toolchain.'
fi

mapfile -t flags < <(grep -oE '\.enable(Upcoming|Experimental)Feature\("[^"]+"' Package.swift |
    sed -E 's/\.enable(.*)Feature\("(.*)"/\L\1 \E\2/' | sort -u)
[[ ${#flags[@]} -gt 0 ]] || die 'Package.swift enables no feature; this script looks for .enableUpcomingFeature("…")'

names=()
for flag in "${flags[@]}"; do
    read -r kind name <<<"$flag"
    has_feature "$kind" "$name" ||
        die "Package.swift enables the $kind feature '$name', which this compiler does not know" \
            'Misspelt, or from another version of Swift?' "$(cat "$scratch/output")"
    names+=("$name")
    case $name in
        ExistentialAny)
            refused_only_with "$name" 'protocol P {}\nfunc f(_ p: P) {}\n' ;;
        InternalImportsByDefault)
            refused_only_with "$name" 'import Dispatch\npublic func f(_ queue: DispatchQueue) {}\n' ;;
    esac
done

# What `swift package dump-package` prints: the keys of an object are sorted, so a target's name comes before its settings and
# its type after them; a target's own keys are indented by six spaces.
targets=$(swift package dump-package | awk -F'"' '
    /^      "name" : /  { name = $4; settings = " "; path = "" }
    /^      "path" : /  { path = $4 }
    /"_0" : "/          { settings = settings $4 " " }
    /"(swiftLanguageMode|treatAllWarnings)" : / { settings = settings $2 "=" }
    /^      "type" : "(regular|executable|test)"/ {
        if (path == "") path = ($4 == "test" ? "Tests/" : "Sources/") name
        print name "|" path "|" settings
    }')
[[ -n $targets ]] || die 'found no target in the output of swift package dump-package'

checked=0
while IFS='|' read -r name path settings; do
    # A target of C alone takes no Swift settings.
    [[ -n $(find "$path" -name '*.swift' -print -quit) ]] || continue
    for wanted in "${names[@]}" swiftLanguageMode=6 treatAllWarnings=error; do
        [[ "$settings" == *" $wanted "* ]] || die "target $name lacks $wanted" 'Give it swiftSettings: strict in Package.swift.'
    done
    checked=$((checked + 1))
done <<<"$targets"
[[ $checked -gt 0 ]] || die 'found no Swift target to check'

say "in force in all $checked Swift targets: ${names[*]}, Swift 6 mode, warnings as errors"
