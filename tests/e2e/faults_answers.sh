#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Answers that are to be waited out, to be taken for what they are, or not to be believed.
. "$(dirname "$0")/lib.sh"
. "$HERE/faults/cells.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
measure_clean

# Whatever passes, at every kind of request, on both sides.
cell "every kind of passing answer" 0 \
    src+ '--token 100000' dst+ '--token 100000' \
    src 'GET ^/token status=503 x2' src 'GET ^/v2/$ status=502,html x2' \
    src 'GET /manifests/ status=408 x2' src 'GET /blobs/ status=500 x2' src 'GET /v2/ status=504 x2' \
    dst 'GET ^/token status=500 x2' dst 'GET ^/v2/$ status=503 x1' dst 'GET tags/list status=502 x1' \
    dst 'HEAD /manifests/ status=500 x2' dst 'POST /uploads/ status=502 x2' dst 'POST mount= status=504 x2' \
    dst 'PUT /uploads/ status=503,html x3' dst 'PUT /manifests/ status=500 x3'
expect least_retries 15 most_retries 30 most_requests 60 most_bytes 250

# (There are too few requests for tokens to leave it to chance.)
cell "30 % of all requests, of every kind, are 502" 0 src+ '--token 100000' dst+ '--token 100000' \
    src 'GET /token status=502,html x1' src '* / status=502,html p0.3' dst '* / status=502,html p0.3'
expect least_retries 40 most_retries 250 most_requests 350 most_bytes 300
for kind in 'GET /token' 'GET .*/blobs/sha256' 'GET .*/manifests/'; do
    met from 1 "^$kind.* 502 "
done
for kind in 'POST .*/blobs/uploads/' 'PUT .*/blobs/uploads/' 'PUT .*/manifests/'; do
    met to 1 "^$kind.* 502 "
done
# No page of the proxy's is shown.
if grep -q '<h1>' "$WORK/err"; then
    fail "HTML is in the output"
fi

for after in retry-after=2 date=3; do
    began=$SECONDS
    cell "too many requests, Retry-After: $after" 0 src "GET /manifests/ status=429,$after x2"
    [ $((SECONDS - began)) -ge 2 ] || fail "cell $CELL: it was not waited for"
    expect most_bytes 100 most_read 100 most_requests 2 least_retries 2 most_retries 2
done
# Of each of the two blobs all had been sent; none is sent a third time.
cell "too many requests, at an upload" 0 dst 'PUT /blobs/ status=429,retry-after=1 x2'
expect most_bytes 150 most_sent 150 most_requests 10 least_retries 2 most_retries 2
cell "too many requests, with nothing said" 0 src 'GET /blobs/ status=429 x3' dst 'PUT /manifests/ status=429 x3'
expect most_bytes 100 most_sent 100 most_requests 6 least_retries 6 most_retries 6

cell "tokens of five seconds on a slow link" 0 src+ '--token-ttl 5' dst+ '--token-ttl 5' \
    src 'GET /blobs/ rate=300000' dst 'PUT /blobs/uploads/ rate=300000'
expect most_bytes 100 most_sent 100 most_requests 40 most_retries 0
met from 2 '^GET /token '
met to 2 '^GET /token '
for form in access_token no-expires; do
    cell "a token comes as $form" 0 src+ "--token 1000 --token-form $form" dst+ "--token 1000 --token-form $form"
    [ "$(proxied to '^GET /token ')" -le 6 ] || fail "cell $CELL: a storm of tokens"
    expect most_bytes 100 most_sent 100 most_requests 12 most_retries 0
done
cell "a token's address of two KiB is too long" 0 dst+ '--token 1000 --token-max-url 2048'
never to ' 414 '
expect most_bytes 100 most_sent 100 most_requests 6 most_retries 0

cell "a list before its children, as the registry sees it" 0 dst 'PUT /manifests/ status=404,code=MANIFEST_UNKNOWN each1'
expect most_bytes 100 most_sent 100 most_requests 45 least_retries 20
cell "a registry that says that it has every blob" 0 dst 'POST mount= lie=201 x12' dst 'HEAD /blobs/ lie'
met to 5 ' lie$'
expect most_bytes 250 most_sent 250 most_requests 250 most_retries 60
for status in 401 403 404 405; do
    cell "mounts are refused with $status" 0 dst "POST mount= status=$status"
    # What is in both repositories goes there twice, and is read once. Each mount is asked
    # again with a new token after 401, and as an upload.
    expect most_bytes 100 most_read 100 most_sent 136 most_requests 140 most_retries 0
done
# 201 and 202 are the registry's own answers, in every run (measure_clean looks for both).

for form in paged reversed null; do
    cell "a list of tags that is $form" 0 dst "GET tags/list tags=$form"
    expect most_bytes 100 most_sent 100 most_requests 4 most_retries 0
    run 0 "${MIRROR[@]}"
    [ "$(proxied to '^PUT ')" = "$(proxied to '^PUT .* 201 ')" ] || fail "cell $CELL: a tag was put again"
done

# What a second try cannot change is asked once.
for status in 400 403; do
    cell "a blob is refused with $status" "$([ $status = 403 ] && echo 6 || echo 8)" \
        dst "PUT /openshift4/blobs/uploads/ status=$status,code=DENIED x4"
    # (A blob for two repositories is read again where the first one refuses it.)
    expect most_retries 0 most_requests 0 most_bytes 136 most_sent 136
    cell "a manifest is refused with $status" "$([ $status = 403 ] && echo 6 || echo 8)" \
        dst "PUT manifests/4.17.24-x86_64-etcd status=$status,code=DENIED"
    expect most_retries 0 most_requests 0 most_bytes 100 most_sent 100
    [ "$(proxied to '^PUT .*-etcd ')" = 1 ] || fail "cell $CELL: it was asked again"
    says err etcd
done
end_cells
