#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Uploads that break, are too large, or want a new token in the middle.
. "$(dirname "$0")/lib.sh"
. "$HERE/faults/cells.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
measure_clean
# shellcheck disable=SC2154
[ "$(find "$WORK/mirror" -path '*_uploads/*' -name data | wc -l)" = 0 ] || fail "uploads are left over"

cell "a limit of 1 MiB in front of the registry" 0 dst '(PUT|PATCH|POST) /blobs/uploads/ limit=1048576'
met to 1 ' 413 '
met to 5 '^PATCH .* 202 '
# The limit is found by halving, once for the host, and never run into again.
[ "$(proxied to ' 413 ')" -le 16 ] || fail "the limit was not remembered: $(proxied to ' 413 ') refusals"
[ "$(grep -c 'client_max_body_size' "$WORK/err")" = 1 ] || fail "the limit is not said once"
# Each refusal costs what the ring between the two sides held.
expect most_bytes 250 most_sent 250 most_requests 60 most_retries 0

cell "GitHub's registry: pieces of more than 300 kB are 416" 0 \
    dst+ '--uploads min=100000' dst '(PUT|PATCH) /blobs/uploads/ limit=300000,416'
met to 5 '^PATCH .* 202 '
expect most_bytes 250 most_sent 250 most_requests 150 most_retries 0

cell "pieces as large as the registry asks for" 0 \
    dst+ '--uploads min=262144' dst '(PUT|PATCH) /blobs/uploads/ limit=400000'
python3 - "$WORK/to.log" <<'PY'
import collections, re, sys
pieces = collections.defaultdict(list)
for line in open(sys.argv[1]):
    method, path, status, _, sent, _ = line.split()
    if method == "PATCH" and status == "202":
        pieces[re.search(r"kept-\d+", path).group()].append(int(sent))
small = [p for p in pieces.values() if any(n < 262144 for n in p[:-1])]
if small or not pieces:
    sys.exit(f"pieces that are too small: {small[:3]}")
PY
expect most_bytes 250 most_sent 250 most_requests 100 most_retries 0

cell "the registry names the first piece for ever" 0 \
    dst+ '--uploads stuck' dst '(PUT|PATCH) /blobs/uploads/ limit=300000'
expect most_bytes 250 most_sent 250 most_requests 150 most_retries 0

cell "neither whole nor in pieces" 8 dst+ '--uploads no-patch' dst '(PUT|PATCH) /blobs/uploads/ limit=65536'
says err client_max_body_size
expect most_bytes 250 most_sent 150 most_requests 40 most_retries 0

cell "uploads break off in the middle, the registry keeps what came" 0 \
    dst+ '--uploads ,' dst '(PUT|PATCH) /blobs/uploads/ cut-upload=60000 x25'
met to 5 ' 0 0 [0-9]+ cut-upload$'
met to 5 '^GET .*/blobs/uploads/.* 204 '
met to 5 '^PATCH .* 202 '
[ "$(proxied to '^DELETE ')" = 2 ] || fail "an upload began anew"
# What the registry had is not sent again.
python3 - "$WORK/to.log" "$WORLD/expected.json" <<'PY'
import json, sys
sent = sum(int(l.split()[4]) for l in open(sys.argv[1]) if "/blobs/uploads/" in l)
blobs = {}
for i in json.load(open(sys.argv[2]))["images"]:
    if (i["release"], i["arch"]) == ("4.17.24", "amd64"):
        blobs.update(i["blobs"])
print(f"uploads: {sent} bytes for {sum(blobs.values())}")
if sent > sum(blobs.values()) * 1.10:
    sys.exit("more than a tenth was sent twice")
PY
expect most_bytes 400 most_sent 110 most_requests 130 least_retries 5 most_retries 40

cell "the registry keeps what came, but does not say how much" 0 \
    dst+ '--uploads no-status,bare' dst '(PUT|PATCH) /blobs/uploads/ cut-upload=60000 x5'
met to 1 '^GET .*/blobs/uploads/.* 405 '
[ "$(proxied to '[?]_state=')" = 0 ] || fail "cell $CELL: a query was made up"
expect most_bytes 250 most_sent 110 most_requests 40 least_retries 1 most_retries 10

cell "uploads break off, Debian's registry forgets them" 0 \
    dst '(PUT|PATCH) /blobs/uploads/ cut-upload=60000 x8'
met to 2 ' 0 0 [0-9]+ cut-upload$'
met to 2 '^GET .*/blobs/uploads/.* 404 '
expect most_bytes 250 most_sent 120 most_requests 50 least_retries 3 most_retries 15

cell "the closing request wants a new token" 0 dst+ '--token 100000' dst+ '--uploads ,' \
    dst '(PUT|PATCH) /blobs/uploads/ limit=300000' dst 'PUT /blobs/uploads/kept- challenge each1'
met to 5 '^PUT .* challenge$'
met to 5 '^PATCH .* 202 '
# Whatever had come in pieces came once.
python3 - "$WORK/to.log" <<'PY'
import collections, re, sys
sent = collections.Counter()
for line in open(sys.argv[1]):
    method, path, status, _, n, _ = line.split()
    if method == "PATCH" and status == "202":
        sent[re.search(r"kept-\d+", path).group()] += int(n)
    elif method == "PUT" and "kept" in path and status == "201" and int(n) and sent[re.search(r"kept-\d+", path).group()]:
        sys.exit("a closing request had a body")
if not sent:
    sys.exit("no blob went in pieces")
PY
expect most_bytes 400 most_sent 250 most_requests 350 most_retries 0

# One large blob shows it; the others are closed by a request of their own. (Small ones are
# sent again.)
cell "a token is looked at after the whole body" 0 dst+ '--token 100000' \
    dst 'PUT /blobs/uploads/.*digest= challenge each1' -- --jobs 1
met to 3 '^PATCH .* 202 '
met to 10 '^PUT .* challenge$'
expect most_bytes 200 most_sent 200 most_requests 420 most_retries 0

cell "a token is looked at after the whole body, and pieces are refused" 0 dst+ '--token 100000' \
    dst 'PUT /blobs/uploads/.*digest= challenge each1' dst 'PATCH /blobs/uploads/ status=405' -- --jobs 1
met to 1 '^PATCH .* 405 '
[ "$(proxied to '^PATCH ')" -le 2 ] || fail "pieces were tried again"
expect most_bytes 350 most_sent 350 most_requests 450 most_retries 5

cell "the answer to an upload is lost" 0 dst 'PUT /blobs/uploads/.*digest= close x3'
expect most_bytes 200 most_sent 150 most_requests 20 least_retries 1 most_retries 3
cell "every answer closes the connection" 0 dst '* /v2/ bye' src '* /v2/ bye'
expect most_bytes 100 most_sent 100 most_requests 0 most_retries 0

cell "a blob is hurt on the way" 0 dst 'PUT /blobs/uploads/.*digest= status=400,code=DIGEST_INVALID x2'
expect most_bytes 150 most_sent 150 most_requests 10 least_retries 2 most_retries 2

for form in relative absolute; do
    cell "Location is $form" 0 dst "(POST|PATCH) /blobs/uploads/ location=$form"
    expect most_requests 0 most_bytes 100 most_sent 100 most_retries 0
done
# Where uploads go on at another host, the credentials of this one stay away.
cell "Location is at another host" 0 dst+ '--token 100000' far+ '--no-auth' \
    dst "(POST|PATCH) /blobs/uploads/ location=upstream"
met far 10 '^PUT .*/blobs/uploads/.* 201 '
expect most_requests 6 most_bytes 100 most_retries 0
# Every upload that was opened and not used was cancelled.
cell "a blob that never comes whole" 4 src 'GET /blobs/ corrupt'
[ "$(find "$WORK/mirror" -path '*_uploads/*' -name data | wc -l)" = 0 ] || fail "uploads are left over"
# Nothing of a component is asked for once the payload cannot be read.
expect most_bytes 1 most_requests 0 most_retries 2
end_cells
