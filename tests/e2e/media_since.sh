#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Incremental and signed media: what the far side has stays away, the inventory names its
# base by digest, and a second OpenPGP program agrees with the signature.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3 gpg gpgv

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
from=("${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
mirror=("$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}")
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)

# Earlier media are a base.
run 0 "$OC_HOP" mirror --release 4.17.24 "${from[@]}" "dir:$WORK/first"
forget source
run 0 "${mirror[@]}" --since "$WORK/first/oc-hop.json" "dir:$WORK/second"
python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$WORK/second" "${path[@]}" --omitted

# left_out BASE MEDIA [none]: what the base has is left out, but for what payloads are read from;
# none of it was asked for, but for what oc is in; and the base is named. The media have
# that oc, or with "none" they have not.
left_out() {
    python3 - "$1" "$2" "$WORK/source.log" "$WORLD/expected.json" "${@:3}" <<'PY'
import hashlib, json, os, re, sys
base = open(sys.argv[1], "rb").read()
media = json.load(open(sys.argv[2] + "/oc-hop.json"))
assert media["base"] == {"inventory": "sha256:" + hashlib.sha256(base).hexdigest()}, media["base"]
items = json.loads(base)["blobs"]
had = {i["digest"] if isinstance(i, dict) else i for i in items}
payload = {d for i in json.load(open(sys.argv[4]))["images"] if i["component"] == "payload" for d in i["blobs"]}
here = {i["digest"] for i in media["blobs"]}
omitted = set(media["omitted"])
assert omitted and omitted <= had, "left out what the base does not have"
assert here & had <= payload, "carried what the base has"
asked = set(re.findall(r'"GET [^ ]*/blobs/(sha256:[0-9a-f]+) ', open(sys.argv[3]).read()))
client = {d for i in json.load(open(sys.argv[4]))["images"] if i["release"] == "4.18.12" and i["component"] in ("cli", "cli-artifacts") for d in i["blobs"]}
if len(sys.argv) > 5:
    client = set()
assert not asked & omitted - client, "asked for what is left out"
assert bool(media["clients"]) == bool(client) and all(os.path.getsize(f"{sys.argv[2]}/{c}") > 0 for c in media["clients"]), "no oc"
PY
}
left_out "$WORK/first/oc-hop.json" "$WORK/second"

# So is the far side's own inventory.
python3 - "$WORK/first/oc-hop.json" >"$WORK/inventory.json" <<'PY'
import json, sys
media = json.load(open(sys.argv[1]))
print(json.dumps({"schema": "oc-hop/inventory/v1", "manifests": [],
                  "blobs": sorted(i["digest"] for i in media["blobs"])[::2]}))
PY
forget source
run 0 "${mirror[@]}" --since "$WORK/inventory.json" "dir:$WORK/third"
left_out "$WORK/inventory.json" "$WORK/third"
sed 's,inventory/v1,inventory/v7,' "$WORK/inventory.json" >"$WORK/newer.json"
run 1 "${mirror[@]}" --since "$WORK/newer.json" "dir:$WORK/fourth"
says err "newer than this oc-hop"
[ ! -e "$WORK/fourth" ] || fail "something was written"

# Signed.
export GNUPGHOME=$WORK/gnupg
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key carrier rsa2048 sign never 2>"$WORK/gpg.log" ||
    fail "gpg: $(cat "$WORK/gpg.log")"
gpg --batch --quiet --export-secret-keys carrier >"$WORK/carrier.key"
gpg --batch --quiet --export carrier >"$WORK/carrier.pub"
gpgconf --kill all
run 0 "${mirror[@]}" --sign-with "$WORK/carrier.key" "dir:$WORK/signed"
python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$WORK/signed" "${path[@]}"
gpgv --keyring "$WORK/carrier.pub" "$WORK/signed/oc-hop.json.sig" "$WORK/signed/oc-hop.json" 2>"$WORK/gpg.log" ||
    fail "gpgv: $(cat "$WORK/gpg.log")"
# A run without the key leaves no signature of another inventory behind.
run 0 "${mirror[@]}" "dir:$WORK/signed"
[ ! -e "$WORK/signed/oc-hop.json.sig" ] || fail "an old signature stays"
# A key that cannot sign is known before the transfer.
run 1 "${mirror[@]}" --sign-with "$WORK/carrier.pub" "dir:$WORK/fifth"
says err "no secret key"
[ ! -e "$WORK/fifth" ] || fail "something was written"

# A base that has all of it, oc's layers too: they come from the source, for oc alone.
run 0 "${mirror[@]}" "dir:$WORK/whole"
same_clients() {
    local client
    ! grep -F "has an oc" "$WORK/err" || fail "there is no oc"
    for client in "$WORK"/whole/clients/*; do
        cmp "$client" "$1/clients/${client##*/}" || fail "another oc, or none"
    done
}
sleep 0.5 # the source's log is written late
forget source
run 0 "${mirror[@]}" --since "$WORK/whole/oc-hop.json" "dir:$WORK/nothing-new"
same_clients "$WORK/nothing-new"
left_out "$WORK/whole/oc-hop.json" "$WORK/nothing-new"
run 0 "${mirror[@]}" --since "$WORK/whole/oc-hop.json" "dir:$WORK/nothing-new"
same_clients "$WORK/nothing-new"
run 0 "${mirror[@]}" --since "$WORK/whole/oc-hop.json" --volume-size 2M "dir:$WORK/volumes"
python3 "$HERE/unpack_volumes.py" "$WORK/unpacked" 2097152 "$WORK"/volumes/oc-hop.*.tar
same_clients "$WORK/unpacked"
forget source
run 0 "${mirror[@]}" --since "$WORK/whole/oc-hop.json" --no-client "dir:$WORK/no-client"
left_out "$WORK/whole/oc-hop.json" "$WORK/no-client" none
