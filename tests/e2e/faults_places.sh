#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Answers that lead elsewhere, or less far than they say: from https to http, to lists with
# holes, by tokens for one of two repositories, to blobs that are not there.
unset HOP_WORLD
# shellcheck disable=SC2034
world_flags=(--scale 3)
. "$(dirname "$0")/lib.sh"
. "$HERE/faults/cells.sh"
need docker-registry skopeo python3 openssl

start_registry source "$WORLD/registry"
measure_clean
make_ca
tls="--cert $WORK/server.pem --key $WORK/server.key"

# ---- from https to http ----

# What a registry says that was not told of the TLS in front of it: https it was, and stays.
cell "Location is downgraded to http" 0 dst+ "$tls --token 100000" \
    dst '(POST|PATCH) /blobs/uploads/ location=downgrade' -- --dest-ca "$WORK/ca.pem"
never to '^PLAIN '
met to 30 '^PUT .*/blobs/uploads/.* 201 '
expect most_bytes 100 most_sent 100 most_requests 4 most_retries 0

# On another host nothing is said in the clear, and nothing is tried again.
# shellcheck disable=SC2154
start_proxy plain "$source_host"
# shellcheck disable=SC2154
cell "Location is downgraded to http, on another host" 5 dst+ "$tls --token 100000" \
    dst "POST /blobs/uploads/ location=localhost:${plain_host#*:}" -- --dest-ca "$WORK/ca.pem"
says err "the registry sends an upload from https to http on another host: localhost"
says err "X-Forwarded-Proto"
never plain .
never to '^PLAIN '
expect most_bytes 0 most_sent 0 most_requests -200 most_retries 0

cell "a redirect is downgraded to http" 8 src+ "$tls" src "GET art-dev/blobs/ redirect=$plain_host" -- --src-ca "$WORK/ca.pem"
says err "it redirects from https to http"
never plain .
expect most_bytes 36 most_read 36 most_requests 0 most_retries 0
stop plain

# ---- lists with holes ----

# A list, and a child of it.
read -r list child <<<"$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.17.24", "amd64", "coredns"):
        print(i["digest"], i["children"][1])
PY
)"
# No list leaves with an entry less, and none arrives with a hole, also where the registry
# would take it. The others are there.
cell "a list has a hole" 5 src "GET manifests/$child status=404" dst "PUT manifests/($list|.*-coredns) lie=201"
says err "manifests/$child: 404"
says err "hint: the list $list names an image that its source does not have in full"
says err "4.17.24-x86_64-coredns"
never to "^PUT [^ ]*manifests/($list|[^ ]*-coredns) "
never to '^PUT [^ ]*manifests/4.17.24-x86_64 '
[ "$(proxied from "^GET [^ ]*manifests/$child ")" = 1 ] || fail "cell $CELL: it was asked for again"
expect most_bytes 100 most_read 100 most_sent 100 most_requests 0 most_retries 0
# What one place does not have is taken from the next one.
cell "a list has a hole at the first of two places" 0 src "GET manifests/$child status=404" also "$source_host"
[ "$(proxied from "^GET [^ ]*manifests/$child ")" = 1 ] || fail "cell $CELL: it was asked for again"
expect most_bytes 100 most_requests 4 most_retries 0

# ---- tokens for one of two repositories ----

# GitLab's: of two scopes the last one counts, so mounts are uploads.
cell "of two scopes the last one counts" 0 dst+ '--token 100000 --token-form last-scope'
never to '^POST .*mount=.* 201 '
met to 5 '^POST .*mount=.* 401 '
expect most_bytes 100 most_read 100 most_sent 136 most_requests 80 most_retries 0

# ---- blobs that are not there, or not what they should be ----

# As Artifactory says it of blobs that it does not have: they are sent once the manifest is
# refused. (--recheck asks with HEAD.)
cell "HEAD finds every blob" 0 dst 'HEAD /blobs/ lie' dst 'POST mount= lie=201 x5' -- --recheck
met to 10 '^HEAD .*/blobs/.* lie$'
expect most_bytes 200 most_sent 200 most_requests 250 most_retries 60

config=$(python3 - "$WORLD" <<'PY'
import json, sys
for i in json.load(open(f"{sys.argv[1]}/expected.json"))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.17.24", "amd64", "hyperkube"):
        hexed = i["digest"][7:]
        path = f"{sys.argv[1]}/registry/docker/registry/v2/blobs/sha256/{hexed[:2]}/{hexed}/data"
        print(json.load(open(path))["config"]["digest"])
PY
)
cell "a config is wrong for ever" 4 src "GET blobs/$config corrupt"
says err "$config"
[ "$(proxied from "^GET [^ ]*blobs/$config ")" = 2 ] || fail "cell $CELL: twice is enough to know it"
# shellcheck disable=SC2154
if list_tags "$mirror_host/ocp4/openshift4" | grep -qE '^4.17.24-x86_64(-hyperkube)?$'; then
    fail "cell $CELL: an image without its config was tagged"
fi
expect most_bytes 101 most_requests 4 most_retries 1
end_cells
