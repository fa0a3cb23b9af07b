# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A mirrored registry to be damaged and verified; sourced after lib.sh. Two paths of the
# world are in it, for amd64 and multi. $storage is where its files are.

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
from=("${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
start_registry mirror "$WORK/mirror"
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" --resources "$WORK/resources" "docker://$mirror_host"
run 0 "$OC_HOP" mirror --from 4.18.9 --to 4.18.12 --arch multi "${TRUST[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --graph "stable-4.18/multi=$WORLD/graphs/stable-4.18-multi.json" --progress none \
    --resources "$WORK/multi-resources" "docker://$mirror_host"
stop source
stop mirror
cp -a "$WORK/mirror" "$WORK/good"

# afresh: the registry as it was mirrored; $mirror_host.
afresh() {
    [ -z "${PIDS[mirror]:-}" ] || stop mirror
    rm -rf "$WORK/mirror"
    cp -a "$WORK/good" "$WORK/mirror"
    start_registry mirror "$WORK/mirror"
}

# verify CODE ARGUMENT…
verify() {
    local code=$1
    shift
    run "$code" "$OC_HOP" verify --progress none "$@" "docker://$mirror_host"
}

# found FILE RULE HOP: an error of the last run (-o json).
found() {
    python3 - "$WORK/out" "$@" <<'PY' || fail "not found: $*"
import json, sys
report, name, rule, hop = json.load(open(sys.argv[1])), *sys.argv[2:5]
hits = [f for f in report["findings"] if f["level"] == "error" and name in (f["file"] or "")
        and rule in ("", f["rule"]) and (hop == "" or any(hop in h for h in f["hops"]))]
if not hits:
    print(json.dumps(report["findings"], indent=1)[:3000])
    sys.exit(1)
PY
}

# the digest of an image of 4.18.12 for amd64, or of its last blob: hex
hex() {
    python3 - "$WORLD/expected.json" "$1" "${2:-}" "${3:-amd64}" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.18.12", sys.argv[4], sys.argv[2]):
        print((list(i["blobs"])[-1] if sys.argv[3] == "blob" else i["digest"])[7:])
PY
}
storage=$WORK/mirror/docker/registry/v2
releases=ocp4/openshift4-release-images
# What a plan is asked with.
path=("${PATH_FLAGS[@]}" "${GRAPHS[@]}")
