#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Three media, each made with what the one before will have brought. The third is refused
# where the second never arrived, and nothing of it is written; in order they give the same
# as one mirror.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --accept-risk "$RISK" --idms-file "$WORK/idms.yaml" --progress none)
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none)
start_registry far "$WORK/far"

run 0 "${mirror[@]}" --from 4.17.20 --to 4.17.24 "dir:$WORK/one"
run 0 "${load[@]}" "dir:$WORK/one" "docker://$far_host"
check_mirror "$far_host" --start 4.17.20/amd64 --release 4.17.24/amd64

# What the far side has, by its own account.
run 0 "$OC_HOP" verify --progress none -o inventory "docker://$far_host"
cp "$WORK/out" "$WORK/inventory.json"
run 0 "${mirror[@]}" --from 4.17.24 --to 4.18.9 --since "$WORK/inventory.json" "dir:$WORK/two"
run 0 "${mirror[@]}" --from 4.18.9 --to 4.18.12 --since "$WORK/two/oc-hop.json" "dir:$WORK/three"
stop source
for media in two three; do
    python3 -c 'import json,sys; sys.exit(not json.load(open(sys.argv[1]))["omitted"])' "$WORK/$media/oc-hop.json" ||
        fail "$media leaves nothing out"
    # Media that leaves something out is whole all the same.
    run 0 "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none "dir:$WORK/$media"
    [ $media = two ] && base=$WORK/inventory.json || base=$WORK/two/oc-hop.json
    base=sha256:$(sha256sum "$base" | sed 's/ .*//')
    count=$(python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))["omitted"]))' "$WORK/$media/oc-hop.json")
    says out "left out: $count blobs, which the far side has by its inventory $base"
    run 0 "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none -o json "dir:$WORK/$media"
    python3 -c 'import json,sys; d=json.load(open(sys.argv[1]))["left_out"]; sys.exit(d != {"count": int(sys.argv[2]), "base": sys.argv[3]})' \
        "$WORK/out" "$count" "$base" || fail "the report does not say what is left out"
done
run 0 "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none "dir:$WORK/one"
! grep "left out" "$WORK/out" >/dev/null || fail "whole media leaves something out"

# The second is withheld.
forget far
run 4 "${load[@]}" "dir:$WORK/three" "docker://$far_host"
says err "it is neither on the media nor in the registry"
says err "hop: 4.18"
says err "nothing was written"
says err "were left out, as this registry should have them by the inventory $base"
! grep "on the other side" "$WORK/err" >/dev/null || fail "the hint is of no use: verify finds nothing there"
[ "$(count far '(PUT|POST|PATCH|DELETE) ')" = 0 ] || fail "something was written although the second is missing"
# All that is missing, each once.
grep -c 'neither on the media' "$WORK/err" >"$WORK/missing"
[ "$(cat "$WORK/missing")" -gt 5 ] || fail "only $(cat "$WORK/missing") things are said to be missing"
check_mirror "$far_host" --start 4.17.20/amd64 --release 4.17.24/amd64

# In order; a blob that the second left out and the far side lost is noticed.
run 0 "${load[@]}" "dir:$WORK/two" "docker://$far_host"
run 0 "${load[@]}" "dir:$WORK/three" "docker://$far_host"
check_mirror "$far_host" --skopeo --start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64

# A registry that takes its time to say what it has is no reason for silence.
start_proxy slow "$far_host" --fault "HEAD /blobs/ stall=0.1"
# shellcheck disable=SC2154
run 0 "$OC_HOP" load --keyring "$WORLD/update-key.asc" --progress json --resources "$WORK/slow-resources" --jobs 2 "dir:$WORK/three" "docker://$slow_host"
python3 - "$WORK/err" <<'PY'
import json, sys
events = [json.loads(l) for l in open(sys.argv[1]) if l.startswith("{")]
asked = [e for e in events if e.get("event") == "asked"]
assert len(asked) > 1 and all(e["answered"] <= e["asked"] for e in asked), events
PY
