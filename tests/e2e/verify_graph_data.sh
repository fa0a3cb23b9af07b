#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What an update service beside a registry will offer is checked with the graph-data that
# it will read: the image in that registry. Where the data came from is said.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
start_registry mirror "$WORK/mirror"
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none --resources "$WORK/resources" "docker://$mirror_host"
image=$mirror_host/ocp4/graph-data
digest=$(raw_digest "$image:latest")
stop source
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" "${GRAPHS[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"

# verify CODE ARGUMENT…: of the plan, as JSON.
verify() {
    local code=$1
    shift
    run "$code" "$OC_HOP" verify --progress none -o json --plan "$WORK/plan.json" "$@" "docker://$mirror_host"
}

# reported SOURCE [RULE HOP]: where the data came from ("" for nowhere), and the one error.
reported() {
    python3 - "$WORK/out" "$@" <<'PY' || fail "not reported: $*"
import json, sys
report, source, *error = json.load(open(sys.argv[1])), *sys.argv[2:]
errors = [(f["rule"], f["hops"]) for f in report["findings"] if f["level"] == "error"]
want = [(error[0], [h for h in error[1:] if h])] if error else []
if (report["graph_data"] or "") != source or errors != want:
    sys.exit(json.dumps([report["graph_data"], report["findings"]], indent=1))
PY
}

# ---- which data ----

verify 0
reported "docker://$image:latest ($digest)"
verify 0 --resources "$WORK/resources" --keyring "$WORLD/update-key.asc"
reported "docker://$image@$digest"
verify 0 "${DATA[@]}"
reported "$WORLD/graph-data.tar.gz"
run 0 "$OC_HOP" verify --progress none "docker://$mirror_host"
says out "graph-data: docker://$image:latest ($digest)"
# The registry under another name: the UpdateService has the other.
sed -i "s#$mirror_host#registry.test:8443#" "$WORK/resources/updateservice.yaml"
verify 0 --resources "$WORK/resources" --keyring "$WORLD/update-key.asc"
reported "docker://$image@$digest"
# Without an UpdateService in it.
mv "$WORK/resources/updateservice.yaml" "$WORK/updateservice.yaml"
verify 0 --resources "$WORK/resources" --keyring "$WORLD/update-key.asc"
reported "docker://$image:latest ($digest)"
printf 'kind: UpdateService\n' >"$WORK/resources/updateservice.yaml"
verify 4 --resources "$WORK/resources" --keyring "$WORLD/update-key.asc"
says err "updateservice.yaml:1: spec is missing"
mv "$WORK/updateservice.yaml" "$WORK/resources/updateservice.yaml"
# None at all is said, and no error.
verify 0 --graph-data-repository no/such
says err "there is no image $mirror_host/no/such:latest"
reported ""

# ---- data that do not offer what is planned ----

mkdir "$WORK/data"
tar -C "$WORK/data" -xf "$WORLD/graph-data.tar.gz"
channel=$(find "$WORK/data" -name stable-4.18.yaml)
data=$(dirname "$(dirname "$channel")")
grep -v '4\.18\.12' "$channel" >"$WORK/channel"
cp "$WORK/channel" "$channel"
run 0 "$OC_HOP" graph-data --graph-data "$data" --no-lint "docker://$image:latest"
other=$(raw_digest "$image:latest")
verify 4
reported "docker://$image:latest ($other)" osus "4.18.12 (amd64) from 4.18.9"
# The UpdateService still names the first.
verify 0 --resources "$WORK/resources" --keyring "$WORLD/update-key.asc"
reported "docker://$image@$digest"

# ---- images that a service could not read ----

skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false --override-arch amd64 \
    "docker://$mirror_host/ocp4/openshift4:4.18.12-x86_64-pod" "docker://$image:latest"
verify 4
reported "" graph-data
storage=$WORK/mirror/docker/registry/v2
rm -r "$storage/repositories/ocp4/graph-data/_manifests/revisions/sha256/${digest#*:}"
verify 4 --resources "$WORK/resources" --keyring "$WORLD/update-key.asc"
reported "" graph-data
says err "$image@$digest"
