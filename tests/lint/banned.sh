#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Functions that we do not call, files that grew too long, lines that name a machine, and
# files without a licence line. Usage: banned.sh ROOT
set -euo pipefail
cd "$1"
status=0

complain() {
    printf '%s\n' "$*" >&2
    status=1
}

code() {
    find base graph mirror graphdata-image cli tests -name '*.[ch]' -not -path '*/corpus/*' | sort
}

scripts() {
    find base graph mirror graphdata-image cli tests data .ci \
        \( -name '*.sh' -o -name '*.py' -o -name '*.cmake' -o -name CMakeLists.txt \
        -o -path 'tests/run' -o -path 'data/demo/run' -o -path '.ci/run' \) -type f | sort
}

banned='strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|atoi|atol|scanf|sscanf|fscanf|gmtime|localtime|mktemp|system|popen|alloca|gets'
# Comments and strings may speak of them.
while read -r file; do
    if sed -E 's:/\*.*\*/::; s:^[[:space:]]*/?\*.*::; s:"([^"\\]|\\.)*"::g' "$file" |
        grep -nE "(^|[^A-Za-z0-9_])($banned)[[:space:]]*\(" >&2; then
        complain "$file: calls a function that we do not use"
    fi
    if grep -nE '(^|[^A-Za-z0-9_])goto[[:space:]]' "$file" >&2; then
        complain "$file: goto"
    fi
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 700 ]; then
        complain "$file: $lines lines; look for the missing concept"
    elif [ "$lines" -gt 600 ]; then
        printf 'note: %s has %s lines, the guide length is 600\n' "$file" "$lines"
    fi
    case $file in
    */hop_*.h) [ "$lines" -le 400 ] || complain "$file: $lines lines for a public header" ;;
    esac
done < <(code)

while read -r file; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' ||
        complain "$file: no SPDX line"
    # A path of somebody's machine, as opposed to /usr, /tmp, /etc, /dev and the like.
    # The home of the user core is on every node of a cluster.
    if sed 's:/home/core/::g' "$file" |
        grep -nE '(^|[^A-Za-z0-9_.$}/-])/(home|root|work|Users|mnt|opt)/' >&2; then
        complain "$file: names a path of one machine"
    fi
done < <(code; scripts)

exit "$status"
