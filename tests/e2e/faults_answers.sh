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
expect least_retries 15

# (There are too few requests for tokens to leave it to chance.)
cell "30 % of all requests, of every kind, are 502" 0 src+ '--token 100000' dst+ '--token 100000' \
    src 'GET /token status=502,html x1' src '* / status=502,html p0.3' dst '* / status=502,html p0.3'
expect least_retries 40
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
    expect most_bytes 100 most_requests 10
done
cell "too many requests, at an upload" 0 dst 'PUT /blobs/ status=429,retry-after=1 x2'
cell "too many requests, with nothing said" 0 src 'GET /blobs/ status=429 x3' dst 'PUT /manifests/ status=429 x3'

cell "tokens of five seconds on a slow link" 0 src+ '--token-ttl 5' dst+ '--token-ttl 5' \
    src 'GET /blobs/ rate=300000' dst 'PUT /blobs/uploads/ rate=300000'
expect most_bytes 100
met from 2 '^GET /token '
met to 2 '^GET /token '
for form in access_token no-expires; do
    cell "a token comes as $form" 0 src+ "--token 1000 --token-form $form" dst+ "--token 1000 --token-form $form"
    [ "$(proxied to '^GET /token ')" -le 6 ] || fail "cell $CELL: a storm of tokens"
done
cell "a token's address of two KiB is too long" 0 dst+ '--token 1000 --token-max-url 2048'

cell "a list before its children, as the registry sees it" 0 dst 'PUT /manifests/ status=404,code=MANIFEST_UNKNOWN each1'
expect most_bytes 100
cell "a registry that says that it has every blob" 0 dst 'POST mount= lie=201 x12' dst 'HEAD /blobs/ lie'
met to 5 ' lie$'
expect most_bytes 200
for status in 401 403 404 405; do
    cell "mounts are refused with $status" 0 dst "POST mount= status=$status"
    expect most_bytes 100
done
# A passing 202 of the registry itself is met in every run.

for form in paged reversed null; do
    cell "a list of tags that is $form" 0 dst "GET tags/list tags=$form"
    expect most_bytes 100
    run 0 "${MIRROR[@]}"
    [ "$(proxied to '^PUT ')" = "$(proxied to '^PUT .* 201 ')" ] || fail "cell $CELL: a tag was put again"
done

# What a second try cannot change is asked once.
for status in 400 403; do
    cell "a blob is refused with $status" "$([ $status = 403 ] && echo 6 || echo 8)" \
        dst "PUT /openshift4/blobs/uploads/ status=$status,code=DENIED x4"
    expect most_retries 0
    cell "a manifest is refused with $status" "$([ $status = 403 ] && echo 6 || echo 8)" \
        dst "PUT manifests/4.17.24-x86_64-etcd status=$status,code=DENIED"
    expect most_retries 0
    [ "$(proxied to '^PUT .*-etcd ')" = 1 ] || fail "cell $CELL: it was asked again"
    says err etcd
done
printf '%s cells\n' "$CELLS"
