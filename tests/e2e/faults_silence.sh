#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Manifests, tokens and uploads that break off or fall silent, hosts that nobody can connect
# to, and a link that is slow for all together.
unset HOP_WORLD
# shellcheck disable=SC2034
world_flags=(--scale 3)
. "$(dirname "$0")/lib.sh"
. "$HERE/faults/cells.sh"
need docker-registry skopeo python3 openssl

start_registry source "$WORLD/registry"
measure_clean

# ---- what is short ----

cell "manifests break off" 0 src 'GET /manifests/ cut=100 each1'
expect most_bytes 100 most_read 100 most_requests 45 least_retries 15 most_retries 45
met from 15 ' cut$'
cell "silence in a manifest" 0 src 'GET art-dev/manifests/ hang-body=100 each1' -- --stall-timeout 1
expect most_bytes 100 most_read 100 most_requests 45 least_retries 15 most_retries 45
says err "less than 1 KiB/s for 1 seconds"
# Who begins to answer has not gone away, and is given every try.
cell "manifests break off again and again" 0 src 'GET art-dev/manifests/ cut=100 each4' -- --outage-timeout 1
expect most_bytes 100 most_read 100 most_requests 150 least_retries 50 most_retries 150

cell "tokens break off" 0 src+ '--token 100000' dst+ '--token 100000' src 'GET ^/token cut=10 x2' dst 'GET ^/token cut=10 x2'
met from 2 '^GET /token .* cut$'
met to 2 '^GET /token .* cut$'
expect most_bytes 100 most_read 100 most_sent 100 most_requests 10 least_retries 4 most_retries 4
cell "silence in a token, and instead of one" 0 src+ '--token 100000' dst+ '--token 100000' \
    src 'GET ^/token hang-body=10 x1' dst 'GET ^/token hang x1' -- --stall-timeout 1
expect most_bytes 100 most_read 100 most_sent 100 most_requests 10 least_retries 2 most_retries 2
cell "a list of tags breaks off, another falls silent" 0 dst 'GET openshift4/tags/list cut=5 x1' \
    dst 'GET images/tags/list hang-body=5 x1' -- --stall-timeout 1
expect most_bytes 100 most_sent 100 most_requests 4 least_retries 2 most_retries 2

cell "a manifest is cut on its way to the registry" 0 dst 'PUT /manifests/ cut-upload=100 each1'
met to 15 ' cut-upload$'
# (libcurl asks once more by itself where a connection that it had used before breaks.)
expect most_bytes 100 most_sent 100 most_requests 45 most_retries 45
cell "a registry stops reading manifests" 0 dst 'PUT /manifests/ hang-upload=100 x3' -- --stall-timeout 1
expect most_bytes 100 most_sent 100 most_requests 3 least_retries 3 most_retries 3
cell "a registry stops reading blobs" 0 dst 'PUT /blobs/uploads/ hang-upload=1000 x6' -- --stall-timeout 1
met to 2 ' hang$'
expect most_bytes 250 most_sent 250 most_requests 25 least_retries 2 most_retries 12
cell "silence after an upload" 0 dst 'PUT /(blobs|manifests)/ hang x4' -- --stall-timeout 1
expect most_bytes 200 most_sent 200 most_requests 20 least_retries 4 most_retries 4

# ---- who cannot be connected to ----

# A handshake that nobody answers, before the registry is known, and when it is.
make_ca
cell "silence in handshakes" 0 dst+ "--cert $WORK/server.pem --key $WORK/server.key --silent 2-4" \
    -- --dest-ca "$WORK/ca.pem" --stall-timeout 1
met to 3 ' silent$'
expect most_bytes 100 most_sent 100 most_requests 6 least_retries 3 most_retries 3

# accept_nobody BACKLOG VISITORS: sets $nobody to where the kernel takes as many connections,
# and nobody speaks. Past the backlog not even the kernel answers.
accept_nobody() {
    [ -z "${PIDS[nobody]:-}" ] || stop nobody
    : >"$WORK/nobody.port"
    python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", 0), backlog=int(sys.argv[1]))
here = [socket.socket() for _ in range(int(sys.argv[2]))]
for visitor in here:
    visitor.setblocking(False)
    visitor.connect_ex(s.getsockname())
print(s.getsockname()[1], flush=True)
time.sleep(600)' "$@" >"$WORK/nobody.port" &
    PIDS[nobody]=$!
    wait_for 20 [ -s "$WORK/nobody.port" ] || fail "the silent server does not start"
    nobody=127.0.0.1:$(cat "$WORK/nobody.port")
}
accept_nobody 64 0
cell "silence from the start" 0
forget source
forget mirror
run 5 "${MIRROR[@]::${#MIRROR[@]}-1}" --stall-timeout 1 "docker://$nobody"
says err "make sure that ocp4/openshift4, ocp4/openshift4-release-images can be pushed to"
# shellcheck disable=SC2034
NUMBERS=$(measure)
expect most_bytes 0 most_requests -$((CLEAN_REQUESTS - 10)) least_retries 2 most_retries 5
accept_nobody 0 4
cell "a store that cannot be connected to" 0 src "GET art-dev/blobs/ redirect=$nobody x4" -- --stall-timeout 1
met from 4 ' redirect$'
expect most_bytes 100 most_read 100 most_requests 4 least_retries 4 most_retries 4

# ---- a slow link ----

# All connections of a side have 50 kB a second together, and there are as many as may be:
# none of them is taken for stalled. Tokens end on the way.
began=$SECONDS
cell "a link of 50 kB/s for all, and tokens of five seconds" 0 \
    src+ '--link 50000 --token-ttl 5' dst+ '--link 50000 --token-ttl 5' -- --stall-timeout 3 --jobs 64
[ $((SECONDS - began)) -ge 6 ] || fail "cell $CELL: the link was not slow"
met from 2 '^GET /token '
expect most_bytes 100 most_read 100 most_sent 100 most_requests 30 most_retries 0
end_cells
