#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pictures of real graphs: how much is drawn, and that a second run draws the same.
. "$(dirname "$0")/lib.sh"
need python3
if [ -z "${OC_HOP_TEST_DATA:-}" ]; then
    echo "skipped: OC_HOP_TEST_DATA is not set"
    exit 77
fi

# graphs STREAM MINOR…: sets GIVEN.
graphs() {
    local stream=$1 minor
    shift
    GIVEN=()
    for minor; do
        GIVEN+=(--graph "$stream-$minor=$OC_HOP_TEST_DATA/graphs/api-20260821-$stream-$minor-amd64.json")
    done
}

draws() { # CODE ARGUMENT…
    local want=$1
    shift
    run "$want" "$OC_HOP" plan "${GIVEN[@]}" "$@" -o svg
    cp "$WORK/out" "$WORK/first.svg"
    run "$want" "$OC_HOP" plan "${GIVEN[@]}" "$@" -o svg
    cmp "$WORK/first.svg" "$WORK/out" || fail "another run draws otherwise: $*"
    run 0 python3 "$HERE/check_picture.py" svg "$WORK/first.svg" 240 600
    cat "$WORK/out"
    run "$want" "$OC_HOP" plan "${GIVEN[@]}" "$@" -o html
    cp "$WORK/out" "$WORK/page.html"
    run 0 python3 "$HERE/check_picture.py" html "$WORK/page.html"
}

graphs stable 4.12 4.13 4.14 4.15 4.16
draws 3 --from 4.12.20 --to 4.16.30
draws 0 --from 4.12.20 --to 4.16.30 --accept-risk OVNIPsecPausedMCPConnectivity --paths 8
draws 0 --from 4.12.20 --from 4.12.45 --from 4.13.10 --to 4.16.30 --accept-risk all
graphs eus 4.12 4.14 4.16
draws 0 --from 4.12.40 --to 4.16 --accept-risk all --control-plane-only
graphs stable 4.2 4.6
draws 3 --from 4.2.20 --to 4.6.40
graphs candidate 4.16
draws 3 --from 4.15.0 --to 4.16.0-rc.9
graphs candidate 4.20 4.21 4.22 5.0
draws 0 --from 4.20.8 --to latest --accept-risk all
