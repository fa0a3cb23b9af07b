#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Releases onto removable media: all of them, each blob once, under names that every file
# system takes; a second run moves nothing; other releases do not displace them.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3 sha256sum

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
from=("${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
mirror=("$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}")
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)

# check_media DIR ARGUMENT…
check_media() {
    local media=$1
    shift
    python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$media" "$@"
}

# A dry run writes nothing.
run 0 "${mirror[@]}" --dry-run "dir:$WORK/media"
says out "dir:$WORK/media/ocp4/openshift4:4.18.12-x86_64-"
[ ! -e "$WORK/media" ] || fail "a dry run made the directory"

# From a relative path, as people do.
forget source
run 0 env --chdir="$WORK" "${mirror[@]}" -o json dir:media
check_media "$WORK/media" "${path[@]}" --skopeo
[ ! -e "$WORK/media/partial" ] || fail "partial files are left"
python3 - "$WORK/out" "$WORK/media" <<'PY'
import json, os, sys
report, media = json.load(open(sys.argv[1])), json.load(open(sys.argv[2] + "/oc-hop.json"))
assert report["destination"] == "dir:media", report["destination"]
assert [r["version"] for r in media["releases"]] == ["4.17.20", "4.17.24", "4.18.9", "4.18.12"]
assert [r["components"] for r in media["releases"]] == [False, True, True, True]
assert media["plans"] == ["plan-amd64.json"]
assert {(g["channel"], g["arch"]) for g in media["graphs"]} == {("stable-4.17", "amd64"), ("stable-4.18", "amd64")}
assert media["graphData"] == "graph-data.tar.gz"
signed = {s["digest"] for s in media["signatures"]}
assert signed == {r["digest"] for r in media["releases"]}, signed
assert os.path.exists(sys.argv[2] + "/resources/RUNBOOK.md")
PY
! grep -q "no image on the media" "$WORK/err" || fail "a client is missed"
# The target's client: of cli-artifacts, where a link leads to it.
grep -q '^oc of cli-4.18.12-amd64 at usr/share/openshift/linux_amd64/oc.rhel9$' "$WORK/media/clients/oc-4.18.12-linux-amd64" ||
    fail "no client, or another one"
[ "$(ls "$WORK/media/clients")" = oc-4.18.12-linux-amd64 ] || fail "clients: $(ls "$WORK/media/clients")"
grep -q 'install -m 0755 ../clients/oc-4.18.12-linux-amd64 ' "$WORK/media/resources/RUNBOOK.md" ||
    fail "the runbook does not begin with the client"
cmp "$WORK/media/graph-data.tar.gz" "$WORLD/graph-data.tar.gz" || fail "graph-data changed on the way"

# Each blob crossed the link once.
sed -nE 's/.*"GET [^ ]*\/blobs\/(sha256:[0-9a-f]+) .*/\1/p' "$WORK/source.log" | sort >"$WORK/fetched"
[ -s "$WORK/fetched" ] || fail "the log of the source shows no blob at all"
[ -z "$(uniq -d "$WORK/fetched")" ] || fail "fetched twice: $(uniq -d "$WORK/fetched" | head -n 3)"

# A second run moves no blob but those of payloads, and gives the same media.
cp "$WORK/media/oc-hop.json" "$WORK/first.json"
forget source
run 0 "${mirror[@]}" "dir:$WORK/media"
python3 - "$WORLD/expected.json" "$WORK/source.log" <<'PY'
import json, re, sys
images = json.load(open(sys.argv[1]))["images"]
payload = {d for i in images if i["component"] == "payload" for d in i["blobs"]}
got = set(re.findall(r'"GET [^ ]*/blobs/(sha256:[0-9a-f]+) ', open(sys.argv[2]).read()))
if got - payload:
    sys.exit(f"the second run read blobs of components: {sorted(got - payload)[:3]}")
PY
cmp "$WORK/media/oc-hop.json" "$WORK/first.json" || fail "the second run changed the inventory"

# --recheck finds a wrong byte that has kept its file's size, and repairs it.
victim=$(find "$WORK/media/blobs" -type f -size +100k | sort | head -n 1)
printf X | dd of="$victim" bs=1 seek=1000 conv=notrunc status=none
run 0 "${mirror[@]}" --recheck "dir:$WORK/media"
check_media "$WORK/media" "${path[@]}"

# Media with releases that the run does not have, or no media at all, are left alone.
run 2 "$OC_HOP" mirror --release 4.18.12 "${from[@]}" "dir:$WORK/media"
says err "holds release 4.17.20"
mkdir "$WORK/other"
touch "$WORK/other/thesis.tex"
run 2 "${mirror[@]}" "dir:$WORK/other"
says err 'thesis.tex'
[ "$(find "$WORK/other" -mindepth 1 | wc -l)" = 1 ] || fail "something was written beside the thesis"
run 2 "${mirror[@]}" --resources "$WORK/r" "dir:$WORK/new"

# One writer at a time.
exec 9>>"$WORK/media/.oc-hop.lock"
flock 9
run 1 "${mirror[@]}" "dir:$WORK/media"
says err "another oc-hop is writing"
exec 9>&-

# Where files cannot be long, blobs come in parts.
(
    ulimit -f 1024
    run 0 "${mirror[@]}" --no-client "dir:$WORK/parts"
    [ ! -e "$WORK/parts/clients" ] || fail "a client in spite of --no-client"
)
check_media "$WORK/parts" "${path[@]}" --limit 1048576
[ "$(find "$WORK/parts/blobs" -name '*.000001' | wc -l)" -gt 0 ] || fail "no blob was cut"
run 0 "${mirror[@]}" --recheck "dir:$WORK/parts"
cmp "$WORK/parts/clients/oc-4.18.12-linux-amd64" "$WORK/media/clients/oc-4.18.12-linux-amd64"
run 2 "${mirror[@]}" --no-client "docker://$source_host"
says err "for dir:PATH only"

# Lists with their children and the signatures of these; two architectures side by side.
run 0 "$OC_HOP" mirror --release 4.18.12 --arch multi "${TRUST[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --graph "stable-4.18/multi=$WORLD/graphs/stable-4.18-multi.json" --progress none "dir:$WORK/multi"
check_media "$WORK/multi" --release 4.18.12/multi
[ -e "$WORK/multi/clients/oc-4.18.12-linux-arm64" ] || fail "no client for arm64 from a list"

# One image is gone: the others are there, the inventory says what is not complete.
start_proxy broken "$source_host" --fault 'GET /manifests/sha256:'"$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.18.9", "amd64", "hyperkube"):
        print(i["digest"][7:])
PY
)"' status=404'
write_idms "$broken_host" "$WORK/broken.yaml"
from=("${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/broken.yaml" --progress none)
run 5 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" "dir:$WORK/partly"
check_media "$WORK/partly" --incomplete
python3 - "$WORK/partly/oc-hop.json" <<'PY'
import json, sys
media = json.load(open(sys.argv[1]))
assert {r["version"]: r["complete"] for r in media["releases"]} == {
    "4.17.20": True, "4.17.24": True, "4.18.9": False, "4.18.12": True}
roles = {(i["release"], i["role"]) for i in media["images"]}
assert ("4.18.9", "payload") not in roles and ("4.18.9", "component") in roles
PY
run 0 "${mirror[@]}" "dir:$WORK/partly"
check_media "$WORK/partly" "${path[@]}"
