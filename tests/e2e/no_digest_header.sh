#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A registry that gives no Docker-Content-Digest: a mirror to it is complete, and so is its
# second run; verify computes what it needs, and says of every release that an update
# service will pass it over.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
start_proxy mute "$mirror_host" --fault '* /manifests/ no-digest'
start_proxy from "$source_host" --fault '* /manifests/ no-digest'
write_idms "$from_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${PATH_FLAGS[@]}" "${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml"
    --progress none --resources "$WORK/resources" -o json "docker://$mute_host")
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)

run 0 "${mirror[@]}"
check_mirror "$mirror_host" --skopeo "${path[@]}"
forget mirror
run 0 "${mirror[@]}"
[ "$(count mirror '(PUT|PATCH) [^ ]*/blobs/uploads/')" = 0 ] || fail "blobs were sent again"

# verify CODE HOST ARGUMENT…
verify() {
    local code=$1 host=$2
    shift 2
    run "$code" "$OC_HOP" verify --progress none -o json --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" "$@" "docker://$host"
}

# unnamed: exactly the four releases are told of, once each, and nothing else is wrong.
unnamed() {
    python3 - "$WORK/out" <<'PY' || fail "not as expected: $*"
import json, sys
report = json.load(open(sys.argv[1]))
wrong = [(f["level"], f["rule"], f["hops"], "Docker-Content-Digest" in f["text"]) for f in report["findings"]]
want = [("error", "osus", [f"{v} (amd64)"], True) for v in ("4.17.20", "4.17.24", "4.18.12", "4.18.9")]
good = sorted(r["version"] for r in report["releases"] if r["good"] and r["signature"] == "good")
if sorted(wrong) != want or good != ["4.17.20", "4.17.24", "4.18.12", "4.18.9"]:
    sys.exit(json.dumps([report["releases"], report["findings"]], indent=1))
PY
}

verify 0 "$mirror_host"
verify 4 "$mute_host"
unnamed "by tags"
verify 4 "$mute_host" "${PATH_FLAGS[@]}" "${GRAPHS[@]}"
unnamed "by a plan"
verify 4 "$mute_host" --deep
unnamed "with every blob"
