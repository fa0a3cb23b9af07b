#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ImageSetConfigurations of oc-mirror: what each of them brings into the mirror.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
# shellcheck disable=SC2154
write_idms "$source_host" "$WORK/idms.yaml"

# config FILE LINE…: a v2alpha1 configuration with these lines below mirror.platform.
config() {
    local file=$1
    shift
    printf 'apiVersion: mirror.openshift.io/v2alpha1\nkind: ImageSetConfiguration\nmirror:\n  platform:\n' >"$file"
    printf '    %s\n' "$@" >>"$file"
}

# follow NAME FLAG…: mirrors the configuration $WORK/isc-NAME.yaml into a registry of its own.
follow() {
    local name=$1
    shift
    [ -n "${PIDS[$name]:-}" ] || start_registry "$name" "$WORK/$name"
    local host=${name}_host
    run 0 "$OC_HOP" mirror "${TRUST[@]}" --config "$WORK/isc-$name.yaml" "${GRAPHS[@]}" --idms-file "$WORK/idms.yaml" \
        --resources "$WORK/$name-resources" --progress none "$@" "docker://${!host}"
}

# One channel with shortestPath: every release of the path, components and all, and the graph-data image.
config "$WORK/isc-path.yaml" 'graph: true' 'channels:' '- name: stable-4.18' \
    '  minVersion: 4.17.24' '  maxVersion: 4.18.12' '  shortestPath: true'
follow path --accept-risk "$RISK" "${DATA[@]}"
# shellcheck disable=SC2154
check_mirror "$path_host" --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64
[ "$(list_tags "$path_host/ocp4/graph-data" | grep -c latest)" = 1 ] || fail "no graph-data image"
grep -qF 'oc adm upgrade --to=4.18.9' "$WORK/path-resources/RUNBOOK.md" || fail "the runbook has no path"

# The same without the risk: no path, and nothing is copied.
start_registry none "$WORK/none"
# shellcheck disable=SC2154
run 3 "$OC_HOP" mirror "${TRUST[@]}" --config "$WORK/isc-path.yaml" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none "docker://$none_host"
says out "--accept-risk $RISK"
[ "$(count none 'POST')" = 0 ] || fail "something was copied without a path"

# A range: what the channel has of it. No graph, so no graph-data image, and the network is not asked for any.
config "$WORK/isc-range.yaml" 'channels:' '- name: stable-4.17' '  minVersion: 4.17.1' '  maxVersion: 4.17.22'
follow range
says err "minVersion 4.17.1 (line 6) is not in channel stable-4.17"
# shellcheck disable=SC2154
check_mirror "$range_host" --release 4.17.20/amd64
[ ! -e "$WORK/range-resources/updateservice.yaml" ] || fail "an UpdateService that was not asked for"

# Two channels are joined by a path.
config "$WORK/isc-two.yaml" 'channels:' '- {name: stable-4.17, minVersion: 4.17.20, maxVersion: 4.17.20}' \
    '- {name: stable-4.18, minVersion: 4.18.12, shortestPath: true}'
follow two --accept-risk all -o json
python3 - "$WORK/out" <<'PY'
import json, sys
versions = [r["version"] for r in json.load(open(sys.argv[1]))["releases"]]
assert versions == ["4.17.20", "4.17.24", "4.18.9", "4.18.12"], versions
PY

# On media: the graphs are on board, so that the far side can hold the plan against them.
run 0 "$OC_HOP" mirror "${TRUST[@]}" --config "$WORK/isc-path.yaml" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --accept-risk "$RISK" --progress none "dir:$WORK/path-media"
run 0 "$OC_HOP" mirror "${TRUST[@]}" --from 4.17.24 --to 4.18.12 "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --accept-risk "$RISK" --progress none "dir:$WORK/plain-media"
diff -r "$WORK/path-media/graphs" "$WORK/plain-media/graphs" || fail "other graphs on board"
run 0 "$OC_HOP" verify "dir:$WORK/path-media" --keyring "$WORLD/update-key.asc" --progress none -o json
python3 - "$WORK/path-media/oc-hop.json" "$WORK/out" <<'PY'
import json, sys
media, report = (json.load(open(p)) for p in sys.argv[1:])
assert [(g["channel"], g["arch"]) for g in media["graphs"]] == [("stable-4.17", "amd64"), ("stable-4.18", "amd64")], media["graphs"]
assert report["graph_data"] == "graph-data.tar.gz" and report["findings"] == [], report
PY
# A plan that these graphs do not have.
sed -i 's/"4\.18\.9"/"4.18.8"/g' "$WORK/path-media/plan-amd64.json"
run 4 "$OC_HOP" verify "dir:$WORK/path-media" --keyring "$WORLD/update-key.asc" --progress none
says err "the graphs on board say otherwise"

# Asked of an update service: each channel once, the one between them too.
service_is_up() {
    [ -s "$WORK/port" ]
}
mkdir "$WORK/graphs"
cp "$WORLD/graphs/stable-4.17.json" "$WORK/graphs/stable-4.16-amd64.json"
cp "$WORLD/graphs/stable-4.17.json" "$WORK/graphs/stable-4.17-amd64.json"
cp "$WORLD/graphs/stable-4.18.json" "$WORK/graphs/stable-4.18-amd64.json"
python3 "$HERE/update_service.py" "$WORK/graphs" "$WORK/port" "$WORK/requests" &
PIDS[service]=$!
wait_for 20 service_is_up || fail "the update service does not start"
config "$WORK/isc-service.yaml" 'channels:' '- {name: stable-4.18, minVersion: 4.18.12}' \
    '- {name: stable-4.16, minVersion: 4.17.20, shortestPath: true}'
run 0 "$OC_HOP" mirror "${TRUST[@]}" --config "$WORK/isc-service.yaml" --accept-risk all --dry-run \
    --upstream "http://127.0.0.1:$(cat "$WORK/port")/api/upgrades_info/v1/graph" --idms-file "$WORK/idms.yaml" \
    --progress none "docker://$none_host"
for version in 4.17.20 4.17.24 4.18.9 4.18.12; do
    says out "openshift4-release-images:$version-x86_64"
done
diff - <(sed 's/.*channel=\([^&]*\)&arch=\([^ ]*\).*/\1 \2/' "$WORK/requests") <<'EOF' || fail "other channels were asked for"
stable-4.18 amd64
stable-4.16 amd64
stable-4.17 amd64
EOF

# What is not for oc-hop stops it, unless it is left out on purpose.
{
    cat "$WORK/isc-range.yaml"
    printf '  operators:\n  - catalog: registry.example.com/index:v4.17\n'
} >"$WORK/isc-more.yaml"
run 2 "$OC_HOP" mirror "${TRUST[@]}" --config "$WORK/isc-more.yaml" "${GRAPHS[@]}" --progress none "docker://$none_host"
says err "not mirror.operators (line 9)"
cp "$WORK/isc-more.yaml" "$WORK/isc-range.yaml"
follow range --ignore-unhandled
says err "mirror.operators (line 9) is left out"

config "$WORK/isc-wrong.yaml" 'channels:' '- name: stable-4.17' '  minversion: 4.17.20'
run 2 "$OC_HOP" mirror "${TRUST[@]}" --config "$WORK/isc-wrong.yaml" "${GRAPHS[@]}" --progress none "docker://$none_host"
says err 'wrong.yaml:7: unknown key "minversion": it is spelled "minVersion"'
run 2 "$OC_HOP" mirror "${TRUST[@]}" --config "$WORK/isc-range.yaml" --release 4.17.24 "${GRAPHS[@]}" "docker://$none_host"
says err "exclude each other"
