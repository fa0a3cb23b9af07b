#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each exit code with the sentence that a person needs. 0 and 1 are in the other tests.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${DATA[@]}" --resources "$WORK/resources" --progress none)
payload_of() { # VERSION ARCH
    python3 - "$WORLD/expected.json" "$1" "$2" <<'PY'
import json, sys
print(*[r["payload"] for r in json.load(open(sys.argv[1]))["releases"]
        if (r["version"], r["arch"]) == tuple(sys.argv[2:])])
PY
}
nothing_arrived() {
    [ "$(count mirror 'PUT ')" = 0 ] || fail "something was written to the mirror"
}

# 2: usage
run 2 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" --frobnicate "docker://$mirror_host"
says err "--frobnicate"
run 2 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}"
says err "docker://HOST"
run 2 "${mirror[@]}" "${GRAPHS[@]}" --repository Big/Letters "docker://$mirror_host"
says err "Big/Letters"
nothing_arrived

# 3: no path; the risk and the flag that accepts it are printed
run 3 "$OC_HOP" plan --from 4.17.20 --to 4.18.12 "${GRAPHS[@]}"
says out "$RISK"
says out "--accept-risk $RISK"
says out "https://issues.example.com/DEMO-1"
run 3 "$OC_HOP" plan --from 4.17.20 --to 4.18.77 "${GRAPHS[@]}"
says out "4.18.77"
run 3 "$OC_HOP" mirror "${TRUST[@]}" --from 4.18.12 --to 4.17.20 "${GRAPHS[@]}" "${DATA[@]}" "docker://$mirror_host"
nothing_arrived

# 4: the payload is another release than the graph says; nothing of it is copied
sed "s/$(payload_of 4.18.12 amd64)/$(payload_of 4.18.9 amd64)/" "$WORLD/graphs/stable-4.18.json" >"$WORK/swapped.json"
run 4 "${mirror[@]}" --graph "stable-4.18=$WORK/swapped.json" --idms-file "$WORK/idms.yaml" "docker://$mirror_host"
says err "4.18.12"
says err "4.18.9"
[ "$(count mirror 'PUT [^ ]*/manifests/4\.18\.12-')" = 0 ] || fail "a wrong release was tagged"
# … or another architecture
sed "s/$(payload_of 4.18.12 amd64)/$(payload_of 4.18.12 arm64)/" "$WORLD/graphs/stable-4.18.json" >"$WORK/arm.json"
run 4 "${mirror[@]}" --graph "stable-4.18=$WORK/arm.json" --idms-file "$WORK/idms.yaml" "docker://$mirror_host"
says err "arm64"
[ "$(count mirror 'PUT [^ ]*/manifests/4\.18\.12-')" = 0 ] || fail "a wrong architecture was tagged"
# … or the graph-data is cut off
head -c 200 "$WORLD/graph-data.tar.gz" >"$WORK/cut.tar.gz"
run 4 "$OC_HOP" graph-data --graph-data "$WORK/cut.tar.gz" "oci:$WORK/image"
says err "cut.tar.gz"
[ ! -e "$WORK/image/index.json" ] || fail "an image was made of half an archive"

# 5: no registry there
start_registry gone "$WORK/gone"
stop gone
# shellcheck disable=SC2154
run 5 "${mirror[@]}" "${GRAPHS[@]}" --idms-file "$WORK/idms.yaml" "docker://$gone_host"
says err "$gone_host"
write_idms "$gone_host" "$WORK/gone.idms.yaml"
# (that the graph-data image, which is made here, arrives all the same does not count)
run 5 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --resources "$WORK/resources" \
    --progress none --idms-file "$WORK/gone.idms.yaml" "docker://$mirror_host"
says err "$gone_host"

# 6: the registry wants a password that nobody gave
start_registry locked "$WORK/locked" htpasswd
# shellcheck disable=SC2154
run 6 "${mirror[@]}" "${GRAPHS[@]}" --idms-file "$WORK/idms.yaml" "docker://$locked_host"
says err "$locked_host"
says err "hint:"

# 7: the disk for payload layers is full. A file size limit plays the full disk: the kernel
# refuses the write in the same place.
start_registry fresh "$WORK/fresh"
# shellcheck disable=SC2154
run 7 bash -c 'trap "" XFSZ; ulimit -f 64; exec "$@"' limited "${mirror[@]}" "${GRAPHS[@]}" \
    --idms-file "$WORK/idms.yaml" "docker://$fresh_host" --quiet
says err "${TMPDIR:-/tmp}"
run_to_full() {
    "$OC_HOP" plan "${PATH_FLAGS[@]}" "${GRAPHS[@]}" -o json >/dev/full
}
run 7 run_to_full
says err "No space left"

# 8: one image cannot be had today; all others arrive, its release is not tagged
victim=$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
print(*[i["digest"] for i in json.load(open(sys.argv[1]))["images"]
        if (i["release"], i["arch"], i["component"]) == ("4.18.12", "amd64", "hyperkube")])
PY
)
start_proxy ill "$source_host" --fault "GET manifests/$victim status=503,html"
start_registry partial "$WORK/partial"
# shellcheck disable=SC2154
write_idms "$ill_host" "$WORK/ill.yaml"
# shellcheck disable=SC2154
run 8 "${mirror[@]}" "${GRAPHS[@]}" --idms-file "$WORK/ill.yaml" "docker://$partial_host"
says err "hyperkube"
says err "503"
if grep -q $'\x1b' "$WORK/err"; then
    fail "control characters of a registry reached the terminal"
fi
# shellcheck disable=SC2154
run 0 list_tags "$partial_host/ocp4/openshift4-release-images"
if grep -q '^4\.18\.12-' "$WORK/out"; then
    fail "a release with a missing component was tagged"
fi
says out "4.18.9-x86_64"
# the rerun that the message promises
write_idms "$source_host" "$WORK/idms.yaml"
run 0 "${mirror[@]}" "${GRAPHS[@]}" --idms-file "$WORK/idms.yaml" "docker://$partial_host"
check_mirror "$partial_host" --start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 \
    --release 4.18.12/amd64
