#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sources that break off, fall silent, go on in the wrong place, or send elsewhere.
. "$(dirname "$0")/lib.sh"
. "$HERE/faults/cells.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
measure_clean

# No blob begins anew at the destination while its download is mended.
uploads_were_whole() {
    [ "$(count mirror 'DELETE [^ ]*/blobs/uploads/')" = 2 ] || fail "cell $CELL: an upload began anew"
}

# Each time the first 70000 bytes come: every blob is resumed as often as it takes.
cell "every answer breaks off, as often as it takes" 0 src 'GET /blobs/ cut=70000'
expect most_bytes 100 most_read 100 least_retries 30 most_retries 140 most_requests 140
met from 30 ' cut$'
[ "$(count source 'GET [^ ]*/blobs/[^"]*" 206')" -ge 30 ] || fail "nothing was resumed by range"
uploads_were_whole

cell "Range is ignored: what is known is passed over" 0 \
    src 'GET /blobs/ range=ignore' src 'GET /blobs/ cut=70000 each1'
expect most_bytes 115 most_read 115 most_requests 20 least_retries 10 most_retries 20
uploads_were_whole
for wrong in shift total refuse; do
    cell "Range leads to the wrong answer: $wrong" 0 \
        src "GET /blobs/ range=$wrong" src 'GET /blobs/ cut=70000 each1'
    expect most_bytes 115 most_requests 40 least_retries 20 most_retries 40
    uploads_were_whole
done

cell "silence in the body" 0 src 'GET /blobs/ hang-body=70000 each1' -- --stall-timeout 1
expect most_bytes 100 most_read 100 most_requests 25 least_retries 5 most_retries 25
says err "less than 1 KiB/s for 1 seconds"
uploads_were_whole
cell "a packet now and then" 0 src 'GET /blobs/ drip=1400 x12' -- --stall-timeout 3
expect most_bytes 100 most_requests 20 least_retries 1 most_retries 20
says err "less than 1 KiB/s for 3 seconds"
cell "silence before the answer" 0 src 'GET /(blobs|manifests)/ hang each1' -- --stall-timeout 1
expect most_bytes 100 most_read 100 most_requests 95 least_retries 5 most_retries 95

cell "no answer, the connection closes" 0 src 'GET /(blobs|manifests)/ close each1' dst '(POST|HEAD|PUT) /v2/ close x6'
expect most_bytes 150 most_sent 150 most_requests 110 least_retries 6 most_retries 100

# Bytes a second on each connection: 50 kB in the long run.
slow=200000
[ -z "${HOP_LONG:-}" ] || slow=50000
cell "a slow link" 0 src "GET /blobs/ rate=$slow" -- --stall-timeout 5
expect most_retries 0 most_requests 0 most_bytes 100 most_read 100
cell "a slow link on the other side" 0 dst "PUT /blobs/uploads/ rate=$slow" -- --stall-timeout 5
expect most_retries 0 most_requests 0 most_bytes 100 most_sent 100

# The registry sends to a store with signed URLs, which wants no other credentials.
start_proxy cdn "$source_host" --no-auth --fault 'GET /blobs/ status=403 each1'
# shellcheck disable=SC2154
cell "a signed URL has expired" 0 src+ '--token 100000' src "GET art-dev/blobs/ redirect=$cdn_host"
expect most_bytes 100 most_requests 60 least_retries 5 most_retries 50
[ "$(proxied cdn ' 403 ')" -ge 5 ] || fail "no URL had expired"
[ "$(proxied cdn ' auth$')" = 0 ] || fail "credentials went to another host"
# Each new try begins at the registry.
[ "$(proxied from '^GET .*art-dev/blobs/.* 307 ')" -ge "$(proxied cdn '^GET .*art-dev/blobs/')" ] ||
    fail "a signed URL was used again"
stop cdn
start_proxy cdn "$source_host" --no-auth --fault 'GET /blobs/ cut=70000 each2'
# shellcheck disable=SC2154
cell "a redirected download breaks off" 0 src+ '--token 100000' src "GET /blobs/ redirect=$cdn_host"
expect most_bytes 100 most_requests 40 least_retries 5 most_retries 40
[ "$(proxied cdn ' auth$')" = 0 ] || fail "credentials went to another host"
stop cdn
start_proxy cdn "$source_host" --no-auth --fault 'GET /blobs/ status=403'
# shellcheck disable=SC2154
cell "the store refuses for ever" 8 src "GET art-dev/blobs/ redirect=$cdn_host"
says err ": 403 forbidden"
says err "hint: this is the answer of a place that"
stop cdn
# An URL may have expired, so each blob of components is asked for four times, and not more.
expect most_bytes 36 most_requests 110 most_retries 120
cell "a redirect in a circle" 8 src 'GET art-dev/blobs/ redirect=self'
says err "it redirects in circles"
# Ten steps for each blob are enough to see it.
expect most_bytes 36 most_requests 400 most_retries 0

cell "a blob without its length" 0 src 'GET /blobs/ no-length'
expect most_bytes 100 most_read 100 most_requests 0 most_retries 0
cell "a false Content-Encoding" 0 src 'GET /blobs/ encoding=gzip'
expect most_bytes 100 most_read 100 most_requests 0 most_retries 0
cell "a false Docker-Content-Digest" 0 src 'GET /manifests/ digest=sha256:0000000000000000000000000000000000000000000000000000000000000000'
# Only what is asked for by tag can be doubted, and that once.
expect most_bytes 100 most_read 100 most_requests 16 most_retries 16
cell "a blob is wrong once" 0 src 'GET /blobs/ corrupt each1'
expect most_bytes 200 most_requests 220 least_retries 30 most_retries 49
cell "a manifest is wrong once" 0 src 'GET /manifests/ corrupt each1'
expect most_bytes 100 most_read 100 most_requests 30 least_retries 20 most_retries 30
for kind in blobs manifests; do
    cell "$kind are wrong for ever" 4 src "GET art-dev/$kind/ corrupt"
    expect most_bytes 200 most_requests 200 most_retries 50
    # Twice is enough to know it.
    python3 - "$WORK/from.log" "$kind" <<'PY'
import collections, sys
asked = collections.Counter(l.split()[1] for l in open(sys.argv[1])
                            if f"art-dev/{sys.argv[2]}/" in l and l.endswith("corrupt\n"))
if max(asked.values()) > 2:
    sys.exit(f"asked for again and again: {asked.most_common(2)}")
PY
done
end_cells
