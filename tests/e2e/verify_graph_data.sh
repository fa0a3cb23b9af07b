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
run 0 "$OC_HOP" mirror --release 4.18.12 "${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none "dir:$WORK/no-plan"
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

# simulated STATE HOPS CHANNEL…: what was, and what each channel offers: NAME/ARCH VERSION… UPDATES.
simulated() {
    python3 - "$WORK/out" "$@" <<'PY' || fail "not simulated: $*"
import json, sys
s, state, hops, *channels = json.load(open(sys.argv[1]))["simulation"], *sys.argv[2:]
is_right = (s["state"], s["offered"], s["hops"]) == (state, int(hops), int(hops)) and (s["reason"] is None) == (state == "hops")
offered = [" ".join([c["channel"] + "/" + c["arch"], *c["releases"], str(c["updates"])]) for c in s["channels"]]
if not is_right or offered != channels:
    sys.exit(json.dumps(s, indent=1))
PY
}
offered=("stable-4.17/amd64 4.17.20 4.17.24 1" "stable-4.18/amd64 4.17.20 4.17.24 4.18.9 4.18.12 3")

# ---- which data ----

verify 0
reported "docker://$image:latest ($digest)"
simulated hops 3 "${offered[@]}"
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
says err "warning: graph-data: $mirror_host/no/such:latest: there is no such image"
reported ""
python3 - "$WORK/out" "$mirror_host/no/such:latest" <<'PY' || fail "the missing image is no finding"
import json, sys
report = json.load(open(sys.argv[1]))
assert [(f["level"], f["rule"], f["file"]) for f in report["findings"]] == [("warning", "graph-data", sys.argv[2])], report
assert report["totals"]["warnings"] == 1, report
PY
simulated no-graph-data 0

# ---- without a plan ----

# What can be said is said: what is offered, and not that anything of it is wanted.
run 0 "$OC_HOP" verify --progress none "docker://$mirror_host"
says out "hops: none was simulated, as no plan is known: --plan FILE gives one, or --from V and --to V"
says out "  stable-4.18 (amd64): 4.17.20, 4.17.24, 4.18.9, 4.18.12; 3 updates, 1 of them conditional"
run 0 "$OC_HOP" verify --progress none -o json "docker://$mirror_host"
simulated no-plan 0 "${offered[@]}"
run 0 "$OC_HOP" verify --progress none --keyring "$WORLD/update-key.asc" "dir:$WORK/no-plan"
says out "no plan is known: \`mirror --from V --to V\` and \`mirror --plan FILE\` write media with one"
says out "  stable-4.18 (amd64): 4.18.12; 0 updates"

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
run 0 "$OC_HOP" verify --progress none "docker://$mirror_host"
says err "warning: osus: no channel of the graph-data has it: the update service will not offer it"
says err "hop: 4.18.12 (amd64)"
# A service that would keep no graph at all does so whatever is planned.
cp -r "$data" "$WORK/cycle"
printf '{"4.18.12": {"io.openshift.upgrades.graph.next.add": "4.17.20"}}' >"$WORK/cycle/raw/metadata.json"
run 4 "$OC_HOP" verify --progress none -o json --graph-data "$WORK/cycle" --graph-data-repository no/such "docker://$mirror_host"
reported "$WORK/cycle" osus
simulated refused 0
# What was planned with is told from what is there, by its hash, and by a file of it.
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" --releases "docker://$mirror_host/ocp4/openshift4-release-images" "${DATA[@]}" -o json
cp "$WORK/out" "$WORK/data-plan.json"
label=$(skopeo inspect --config --tls-verify=false --override-arch amd64 "docker://$image@$digest" |
    sed -n 's/.*"[^"]*tree[^"]*": *"\(sha256:[0-9a-f]*\)".*/\1/p' | head -n 1)
grep -qF "\"graph_data\": \"$label\"" "$WORK/data-plan.json" || fail "the plan has another hash than the image"
run 4 "$OC_HOP" verify --progress none --plan "$WORK/data-plan.json" "docker://$mirror_host"
says err "warning: graph-data: docker://$image:latest ($other): its data has the tree hash sha256:"
says err "was made with $label"
run 0 "$OC_HOP" verify --progress none --plan "$WORK/data-plan.json" --resources "$WORK/resources" \
    --keyring "$WORLD/update-key.asc" "docker://$mirror_host"
grep 'tree hash' "$WORK/err" && fail "the data is what was planned with"
verify 0 "${DATA[@]}"
reported "$WORLD/graph-data.tar.gz"
says out "the first file that differs: channels/stable-4.18.yaml has other bytes"
verify 0 "${DATA[@]}" --resources "$WORK/resources" --keyring "$WORLD/update-key.asc"
grep 'the first file that differs' "$WORK/out" && fail "the image that will be read has the same data"
run 4 "$OC_HOP" verify --progress none --graph-data "$data" --resources "$WORK/resources" --keyring "$WORLD/update-key.asc" \
    "docker://$mirror_host"
says err "error: graph-data: docker://$image@$digest: its data is not that of $data; the first file that differs:"
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
