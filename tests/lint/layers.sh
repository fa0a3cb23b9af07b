#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Holds the picture of the tree: each library's headers in their one place, includes that
# point down only. tests/ may include anything. Usage: layers.sh ROOT
set -euo pipefail
cd "$1"
status=0

complain() {
    printf '%s\n' "$*" >&2
    status=1
}

sources() {
    find base graph mirror graphdata-image cli -name '*.[ch]' | sort
}

includes() { # FILE: what stands in #include <> or ""
    sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^">]+)[">].*/\1/p' "$1"
}

# The one place of a library's header; empty for headers that anyone may use.
place_of() {
    case $1 in
    igraph/* | igraph.h) echo '^graph/igraph_bridge\.c$' ;;
    pcre2.h) echo '^graph/pattern\.c$' ;;
    curl/*) echo '^mirror/http\.c$' ;;
    openssl/*) echo '^(base/digest\.c|mirror/(authorities|sigstore)\.c)$' ;;
    rnp/*) echo '^mirror/signature\.c$' ;;
    jansson.h) echo '^base/json\.c$' ;;
    yaml.h) echo '^base/yaml\.c$' ;;
    archive.h | archive_entry.h) echo '^(mirror|graphdata-image|cli|graph)/[a-z_]+\.c$' ;;
    zlib.h | bzlib.h | lzma.h | zstd.h | microhttpd.h | gpgme.h | glib.h) echo '^$' ;;
    getopt.h) echo '^cli/' ;;
    esac
}

# Which folder offers a header named hop_*.h.
owner_of() {
    local found
    found=$(find base graph mirror graphdata-image cli -name "$1" -printf '%h\n')
    printf '%s' "${found%%/*}"
}

may_use() { # FOLDER OTHER
    case $1 in
    base) [ "$2" = base ] ;;
    graph) [ "$2" = base ] || [ "$2" = graph ] ;;
    mirror) [ "$2" = base ] || [ "$2" = mirror ] ;;
    graphdata-image) [ "$2" = base ] || [ "$2" = graphdata-image ] ;;
    cli) true ;;
    esac
}

archive_users=
while read -r file; do
    folder=${file%%/*}
    while read -r header; do
        place=$(place_of "$header")
        if [ -n "$place" ] && ! [[ $file =~ $place ]]; then
            complain "$file: <$header> has its one place elsewhere"
        fi
        case $header in
        archive.h) archive_users+="$folder"$'\n' ;;
        hop_*.h)
            owner=$(owner_of "$header")
            if [ -z "$owner" ]; then
                complain "$file: no folder has $header"
            elif ! may_use "$folder" "$owner"; then
                complain "$file: $folder/ must not know $owner/ ($header)"
            fi
            ;;
        */*)
            # A private header of another folder: not even by a path.
            if [ -e "$header" ] && [ "${header%%/*}" != "$folder" ]; then
                complain "$file: $header is private to its folder"
            fi
            ;;
        esac
    done < <(includes "$file")
done < <(sources)

while read -r folder; do
    [ -z "$folder" ] || complain "$folder/: more than one file includes archive.h"
done < <(printf '%s' "$archive_users" | sort | uniq -d)

# The library folders neither print, exit, nor read the environment.
if grep -nEw 'getenv|secure_getenv|setenv|exit|_exit|printf|puts|putchar|perror|stdout' \
    $(sources | grep -E '^(base|graph|mirror|graphdata-image)/[a-z_]+\.c$') |
    grep -vE '^base/own\.c:|(/\*|^[^:]+:[0-9]+:[[:space:]]*\*)|"[^"]*(printf|exit|stdout)[^"]*"'; then
    complain "only cli/ prints, exits, or reads the environment"
fi

exit "$status"
