#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C while a graph, graph-data or a signature is read from a server that never answers:
# the first one ends the program.
. "$(dirname "$0")/lib.sh"
need python3

# Nothing of this gets to an upstream.
start_proxy deaf 127.0.0.1:1 --fault 'GET ^/never/ hang' --fault 'GET ^/later/ status=503,retry-after=3000'
# shellcheck disable=SC2154
base=http://$deaf_host

asked() {
    [ "$(proxied deaf "^GET $1")" -ge 1 ]
}
is_over() {
    ! process_lives "$pid"
}

# stopped SIGNAL CODE PATH COMMAND…: when PATH has been asked for, the signal ends the command.
stopped() {
    local signal=$1 code=$2 path=$3 got=0
    shift 3
    : >"$WORK/deaf.log"
    "$@" >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    PIDS[run]=$pid
    wait_for 30 asked "$path" || fail "$path is not asked for: $(tail -n 3 "$WORK/err")"
    kill -"$signal" "$pid"
    wait_for 30 is_over || fail "one $signal does not end: $*"
    wait "$pid" || got=$?
    unset 'PIDS[run]'
    [ "$got" = "$code" ] || fail "exit code $got instead of $code: $(tail -n 3 "$WORK/err")"
    says err cancelled
}

plan=("$OC_HOP" plan "${PATH_FLAGS[@]}")
mirror=("$OC_HOP" mirror "${PATH_FLAGS[@]}" "${GRAPHS[@]}" --keyring "$WORLD/update-key.asc" --progress none)

stopped INT 130 /never/graph "${plan[@]}" --upstream "$base/never/graph"
stopped TERM 143 /never/graph "${plan[@]}" --upstream "$base/never/graph"
stopped INT 130 /never/graph "$OC_HOP" releases --channel stable-4.18 --upstream "$base/never/graph"
stopped INT 130 /never/data "$OC_HOP" graph-data --graph-data "$base/never/data.tar.gz" "oci:$WORK/image"
stopped INT 130 /never/store "${mirror[@]}" --signature-store "$base/never/store" --no-graph-data "dir:$WORK/media"

# Neither is the pause before the next attempt sat out.
stopped INT 130 /later/graph "${plan[@]}" --upstream "$base/later/graph"
stopped INT 130 /later/data "$OC_HOP" graph-data --graph-data "$base/later/data.tar.gz" "oci:$WORK/image"
[ ! -e "$WORK/image/index.json" ] || fail "an image was built without data"
