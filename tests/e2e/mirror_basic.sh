#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One path, one architecture: everything arrives with its own bytes under the right names,
# every blob crosses the source link once, and a second run moves nothing.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml"
    --resources "$WORK/resources" --progress none "docker://$mirror_host")
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)

run 0 "${mirror[@]}" -o json
cp "$WORK/out" "$WORK/first.json"
check_mirror "$mirror_host" --skopeo "${path[@]}" | tee "$WORK/checked"

# No blob is asked for twice at the source, whatever repositories and hops share.
sed -nE 's/.*"GET [^ ]*\/blobs\/(sha256:[0-9a-f]+) .*/\1/p' "$WORK/source.log" | sort >"$WORK/fetched"
[ -s "$WORK/fetched" ] || fail "the log of the source shows no blob at all"
[ -z "$(uniq -d "$WORK/fetched")" ] || fail "fetched twice: $(uniq -d "$WORK/fetched" | head -n 3)"

# What the payload repository shares with the other one was mounted, not sent again.
[ "$(count mirror 'POST [^ ]*mount=')" -gt 0 ] || fail "nothing was mounted"
sent=$(sed -nE 's/.*"PUT [^ ]*digest=(sha256(:|%3A)[0-9a-f]+)[^ ]* HTTP[^"]*" 201.*/\1/p' "$WORK/mirror.log" | sort | uniq -d)
[ -z "$sent" ] || fail "sent twice: $sent"

# The graph-data image is there, too.
[ -n "$(list_tags "$mirror_host/ocp4/graph-data")" ] || fail "no graph-data image"

# A second run: no blob leaves the source but those of payloads, none enters the mirror.
forget source
forget mirror
run 0 "${mirror[@]}" -o json
# (An upload is opened in each repository to see whether it may be, and cancelled.)
uploads=$(($(count mirror '(PATCH|PUT|POST) [^ ]*/blobs/uploads/') - $(count mirror 'DELETE [^ ]*/blobs/uploads/[^"]*" 204')))
[ "$(count mirror 'DELETE [^ ]*/blobs/uploads/')" = 3 ] || fail "the second run asked more than once"
[ "$uploads" = 0 ] || fail "the second run started $uploads uploads"
puts=$(count mirror 'PUT [^ ]*/manifests/')
[ "$puts" = 0 ] || fail "the second run wrote $puts manifests"
python3 - "$WORLD/expected.json" "$WORK/source.log" <<'PY'
import json, re, sys
images = json.load(open(sys.argv[1]))["images"]
payload = {d for i in images if i["component"] == "payload" for d in i["blobs"]}
got = set(re.findall(r'"GET [^ ]*/blobs/(sha256:[0-9a-f]+) ', open(sys.argv[2]).read()))
if got - payload:
    sys.exit(f"the second run read blobs of components: {sorted(got - payload)[:3]}")
PY
# It costs a request for each manifest at most, preflight aside, and the source is asked
# for payloads and their signatures only.
manifests=$(sed -nE 's/^as expected: ([0-9]+) manifests.*/\1/p' "$WORK/checked")
asked=$(($(count source '(GET|HEAD) [^ ]*/(manifests|tags)/') + $(count mirror '(GET|HEAD) [^ ]*/(manifests|tags)/')))
[ "$asked" -gt 0 ] && [ "$asked" -le "$manifests" ] || fail "the second run made $asked requests for $manifests manifests"
[ "$(count source '[A-Z]+ [^ ]*/ocp-v4.0-art-dev/')" = 0 ] || fail "the second run asked the source for components"
check_mirror "$mirror_host" "${path[@]}"

# Where another tool has mirrored the release, there are no signatures: they are brought.
stop mirror
tags=$WORK/mirror/docker/registry/v2/repositories
for repository in ocp4/openshift4 ocp4/openshift4-release-images; do
    find "$tags/$repository/_manifests/tags" -maxdepth 1 -name 'sha256-*.sig' -exec rm -r {} +
done
start_registry mirror "$WORK/mirror"
mirror[-1]=docker://$mirror_host
run 0 "${mirror[@]}"
check_mirror "$mirror_host" "${path[@]}"

# --recheck repairs what somebody deleted under the registry's feet.
layer=$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.18.12", "amd64", "hyperkube"):
        print(list(i["blobs"])[-1])
PY
)
stop mirror
rm -r "$WORK/mirror/docker/registry/v2/repositories/ocp4/openshift4/_layers/sha256/${layer#sha256:}" \
    "$WORK/mirror/docker/registry/v2/blobs/sha256/${layer:7:2}/${layer#sha256:}"
start_registry mirror "$WORK/mirror"
mirror[-1]=docker://$mirror_host
run 0 "${mirror[@]}" --recheck
check_mirror "$mirror_host" "${path[@]}"
