#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The start of a plan as the cluster itself tells it.
. "$(dirname "$0")/lib.sh"
need python3

# cluster VERSION CHANNEL ARCH FILE
cluster() {
    python3 - "$@" <<'PY'
import json, sys
version, channel, arch, path = sys.argv[1:]
message = f'Payload loaded version="{version}" image="r.example/x@sha256:0" architecture="{arch}"'
json.dump({
    "apiVersion": "config.openshift.io/v1", "kind": "ClusterVersion", "metadata": {"name": "version"},
    "spec": {"channel": channel, "clusterID": "x"},
    "status": {
        "desired": {"version": version, "image": "r.example/x@sha256:0", "channels": [channel]},
        "history": [{"state": "Completed", "version": version}],
        "conditions": [{"type": "ReleaseAccepted", "status": "True", "message": message},
                       {"type": "Upgradeable", "status": "False", "message": "an \u001b[31madmin-ack\u001b[0m"}]},
}, open(path, "w"))
PY
}
cluster 4.17.20 stable-4.17 amd64 "$WORK/a.json"
cluster 4.17.24 stable-4.17 amd64 "$WORK/b.json"
cluster 4.17.24 fast-4.17 amd64 "$WORK/fast.json"
cluster 4.17.24 stable-4.17 arm64 "$WORK/arm.json"
cluster 4.17.24 house.4 amd64 "$WORK/house.json"
target=(--to 4.18.12 --accept-risk "$RISK")

run 0 "$OC_HOP" plan --cluster "$WORK/a.json" "${target[@]}" "${GRAPHS[@]}"
says out "4.17.20 to 4.18.12 (amd64)"
says err "the cluster runs 4.17.20 (amd64), channel stable-4.17"
says err "refuses updates to another minor now: an \x1b[31madmin-ack"
run 0 "$OC_HOP" plan --cluster - "${target[@]}" "${GRAPHS[@]}" < <(cat "$WORK/b.json")
says out "4.17.24 to 4.18.12 (amd64)"

# Several clusters, one plan; a start that is named besides is one more.
run 0 "$OC_HOP" plan --cluster "$WORK/a.json" --cluster "$WORK/b.json" --from 4.18.9 "${target[@]}" "${GRAPHS[@]}"
says out "3 starts to 4.18.12 (amd64): 4 releases in all"
run 2 "$OC_HOP" plan --cluster "$WORK/a.json" --cluster "$WORK/arm.json" "${target[@]}" "${GRAPHS[@]}"
says err "one architecture"
run 2 "$OC_HOP" plan --cluster "$WORK/a.json" --cluster "$WORK/fast.json" "${target[@]}"
says err "different channels, stable and fast"

# The stream of its channel is what is asked for.
run 5 "$OC_HOP" plan --cluster "$WORK/fast.json" "${target[@]}" --upstream http://127.0.0.1:1/graph --tls-verify=false
says err "fast-4.17"
run 5 "$OC_HOP" plan --cluster "$WORK/house.json" "${target[@]}" --upstream http://127.0.0.1:1/graph --tls-verify=false
says err "house.4"
run 5 "$OC_HOP" plan --cluster "$WORK/fast.json" --stream eus "${target[@]}" --upstream http://127.0.0.1:1/graph --tls-verify=false
says err "eus-4.17"

run 1 "$OC_HOP" plan --cluster "$WORLD/expected.json" "${target[@]}" "${GRAPHS[@]}"
says err "oc get clusterversion version -o json"
run 1 "$OC_HOP" plan --cluster "$WORK/none.json" "${target[@]}" "${GRAPHS[@]}"
says err "none.json"
run 2 "$OC_HOP" mirror --cluster "$WORK/a.json" --plan "$WORK/a.json" docker://127.0.0.1:1
says err "exclude each other"
