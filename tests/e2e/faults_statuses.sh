#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One answer that nobody expects, at each kind of request: what may pass is asked again, once;
# what cannot change is not, and ends the run with the code for it where nothing else helps.
unset HOP_WORLD
# shellcheck disable=SC2034
world_flags=(--scale 6)
. "$(dirname "$0")/lib.sh"
. "$HERE/faults/cells.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
measure_clean

# The table's columns; a short run has the first ones.
passing=(503 429 500 502 504 408)
lasting=(401 403 404 405 413 414 416)
if [ -z "${HOP_LONG:-}" ]; then
    passing=("${passing[@]:0:1}")
    lasting=("${lasting[@]:0:3}")
fi

# at PLACE STATUS: a cell's words for one such answer there, in WORDS; which proxy, in SIDE
at() {
    local where flags=()
    WORDS=()
    case $1 in
    source-token) WORDS=(src+ '--token 100000') where='src GET /token' ;;
    token) WORDS=(dst+ '--token 100000') where='dst GET /token' ;;
    source-ping) where='src GET ^/v2/$' ;;
    ping) where='dst GET ^/v2/$' ;;
    payload) where='src GET ocp-release/manifests/' ;;
    manifest) where='src GET art-dev/manifests/' ;;
    blob) where='src GET art-dev/blobs/' ;;
    head-manifest) WORDS=(full yes) where='dst HEAD /manifests/' ;;
    head-blob) where='dst HEAD /blobs/' flags=(-- --recheck) ;;
    push-right) where='dst POST /blobs/uploads/' ;;
    mount) where='dst POST mount=' ;;
    patch) WORDS=(dst 'PUT /blobs/uploads/ limit=100000') where='dst PATCH /blobs/uploads/' ;;
    put-blob) where='dst PUT /blobs/uploads/' ;;
    put-manifest) where='dst PUT /manifests/' ;;
    *) fail "where is $1?" ;;
    esac
    SIDE=from
    [ "${where%% *}" = src ] || SIDE=to
    WORDS+=("${where%% *}" "${where#* } status=$2 x1" "${flags[@]}")
}

# once PLACE STATUS CODE MOST_BYTES MOST_REQUESTS LEAST_RETRIES MOST_RETRIES
once() {
    at "$1" "$2"
    cell "$2 once, at $1" "$3" "${WORDS[@]}"
    [ "$(proxied "$SIDE" " $2 .* status\$")" = 1 ] || fail "cell $CELL: it was not met"
    expect most_bytes "$4" most_read "$4" most_requests "$5" least_retries "$6" most_retries "$7"
}

# PLACE, bytes of a clean run that it may cost (percent), more requests, and the exit code
# after 401 403 404 405 413 414 416. What refuses a ping is asked in earnest; what refuses to
# mount takes an upload; where an upload is gone, the blob begins anew.
while read -r place bytes requests codes; do
    for status in "${passing[@]}"; do
        once "$place" "$status" 0 "$bytes" "$requests" 1 1
    done
    read -r -a codes <<<"$codes"
    for i in "${!lasting[@]}"; do
        retries=0
        [[ ! "$place ${lasting[i]}" =~ ^(patch|put-blob)" 404"$ ]] || retries=1
        once "$place" "${lasting[i]}" "${codes[i]}" "$bytes" "$requests" 0 "$retries"
    done
done <<'TABLE'
source-token   100   4  6 6 5 5 5 5 5
token          100   4  6 6 5 5 5 5 5
source-ping    100   1  0 0 0 0 0 0 0
ping           100   1  0 0 0 0 0 0 0
payload        100   1  0 6 5 5 5 5 5
manifest       100   1  0 6 5 8 8 8 8
blob           100   1  0 6 5 8 8 8 8
head-manifest    2   0  0 6 0 8 8 8 8
head-blob      100  60  0 6 0 8 8 8 8
push-right     100   1  0 6 5 5 5 5 5
mount          100  60  0 0 0 0 0 0 0
patch          180  20  0 6 0 8 8 8 8
put-blob       125   4  0 6 0 8 8 8 8
put-manifest   100   1  0 6 8 8 8 8 8
TABLE
end_cells
