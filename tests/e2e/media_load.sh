#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Media into a registry, in a network that has loopback and nothing else: the same as a
# direct mirror; nothing is written when something is missing or nobody vouches for it.
if [ -z "${HOP_ALONE:-}" ]; then
    up='import fcntl, socket, struct
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, struct.pack("16sh", b"lo", 0x1))'
    for how in "unshare --net" "unshare --map-root-user --net"; do
        if $how python3 -c "$up" 2>/dev/null; then
            export HOP_ALONE=1
            exec $how sh -c "python3 -c '$up' && exec bash \"\$@\"" sh "$0" "$@"
        fi
    done
    echo "note: no network namespaces here; other hosts can be reached"
fi
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
from=("${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" "dir:$WORK/media"
start_registry direct "$WORK/direct"
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" --resources "$WORK/direct-resources" "docker://$direct_host"
stop source

load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none)

# ---- the same as a direct mirror ----

fresh_mirror
run 0 "${load[@]}" -o json "dir:$WORK/media" "$target"
check_mirror "$mirror_host" --skopeo "${path[@]}"
python3 - "$WORK/out" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["schema"] == "oc-hop/load/v1" and report["exit_code"] == 0
assert report["error"] is None and report["findings"] == [], report
assert len(report["releases"]) == 4 and all(r["verified"] for r in report["verified"]), report["verified"]
assert not report["media_signature_checked"]
PY
says err "nobody vouches for the plan and the graph-data on the media (--media-keyring)"
[ "$(list_tags "$mirror_host/ocp4/graph-data")" = "$(list_tags "$direct_host/ocp4/graph-data")" ] ||
    fail "the tags of graph-data differ"
[ "$(raw_digest "$mirror_host/ocp4/graph-data:latest")" = "$(raw_digest "$direct_host/ocp4/graph-data:latest")" ] ||
    fail "the graph-data image differs"
find "$WORK/direct-resources" -type f -exec sed -i "s/$direct_host/$mirror_host/g; s/${direct_host/:/..}/${mirror_host/:/..}/g" {} +
diff -r "$WORK/direct-resources" "$WORK/resources" >"$WORK/diff" || fail "resources differ: $(head -n 20 "$WORK/diff")"

# What is given here counts, not what is on the media.
run 0 "${load[@]}" --graph-data "$WORLD/graph-data" "dir:$WORK/media" "$target"
says err "nobody vouches for the plan on the media (--media-keyring)" # and not the user's directory
other=$(sed -n 's/^graph-data: .*@//p' "$WORK/out")
[ -n "$other" ] && [ "$other" != "$(raw_digest "$direct_host/ocp4/graph-data:latest")" ] || fail "the graph-data of the media was taken"
run 0 "${load[@]}" "dir:$WORK/media" "$target" # and back

# A release's tag among the releases comes after everything else of it.
python3 - "$WORK/mirror.log" <<'PY'
import re, sys
puts = re.findall(r'"PUT /v2/(\S+)/manifests/(\S+) [^"]*" 201', open(sys.argv[1]).read())
for version in ("4.17.24", "4.18.9", "4.18.12"):
    mine = [i for i, (_, tag) in enumerate(puts) if tag.startswith(version + "-x86_64")]
    last = puts.index(("ocp4/openshift4-release-images", version + "-x86_64"))
    assert mine and max(mine) == last, (version, mine, last)
PY

# Once more: nothing moves.
forget mirror
run 0 "${load[@]}" "dir:$WORK/media" "$target"
says out "unchanged"
[ "$(count mirror '(PUT|PATCH) ')" = 0 ] || fail "the second load wrote something"

# What somebody deleted is repaired.
layer=$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.18.12", "amd64", "hyperkube"):
        print(list(i["blobs"])[-1][7:])
PY
)
stop mirror
rm -r "$mirror_root/docker/registry/v2/repositories/ocp4/openshift4/_layers/sha256/$layer" \
    "$mirror_root/docker/registry/v2/blobs/sha256/${layer:0:2}/$layer"
start_registry mirror "$mirror_root"
target=docker://$mirror_host
run 0 "${load[@]}" --recheck "dir:$WORK/media" "$target"
check_mirror "$mirror_host" "${path[@]}"

# ---- missing: here or there ----

cp -a "$WORK/media" "$WORK/less"
rm "$WORK/less/blobs/sha256/$layer"
run 0 "${load[@]}" "dir:$WORK/less" "$target" # the registry has it
fresh_mirror
run 4 "${load[@]}" "dir:$WORK/less" "$target"
says err "$layer: it is neither on the media nor in the registry"
says err "4.18.12 (amd64) hyperkube"
nothing_was_written "a blob was missing"
# All of them, not the first; and none of it from a registry that has only blobs.
python3 - "$WORK/less" <<'PY' >"$WORK/removed"
import json, os, sys
media = json.load(open(sys.argv[1] + "/oc-hop.json"))
etcd = [i["digest"] for i in media["images"] if i["name"] == "etcd"]
for d in etcd:
    path = sys.argv[1] + "/blobs/sha256/" + d[7:]
    if os.path.exists(path):
        os.unlink(path)
        print(d[7:])
PY
run 4 "${load[@]}" -o json "dir:$WORK/less" "$target"
python3 - "$WORK/out" "$layer" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["schema"] == "oc-hop/load/v1" and report["exit_code"] == 4, report
assert "nothing was written" in report["error"]["text"] and report["error"]["hint"], report["error"]
assert any(sys.argv[2] in f["file"] and f["rule"] == "missing" for f in report["findings"]), report["findings"]
PY
# A registry that is not there.
run 5 "${load[@]}" -o json "dir:$WORK/less" docker://127.0.0.1:1
grep -q '"exit_code": 5' "$WORK/out" || fail "there is no report"
run 4 "${load[@]}" "dir:$WORK/less" "$target"
while read -r digest; do
    says err "$digest: it is neither on the media nor in the registry"
done <"$WORK/removed"
says err "$layer"
nothing_was_written "manifests were missing"

# In several directories: in any order, but all of them.
mkdir -p "$WORK/first" "$WORK/second/blobs/sha256"
cp -a "$WORK/media/." "$WORK/first/"
for blob in "$WORK"/first/blobs/sha256/[0-7]*; do mv "$blob" "$WORK/second/blobs/sha256/"; done
run 4 "${load[@]}" "dir:$WORK/first" "$target"
nothing_was_written "a volume was missing"
run 0 "${load[@]}" "dir:$WORK/second" "dir:$WORK/first" "$target"
check_mirror "$mirror_host" "${path[@]}"
fresh_mirror
rm -r "$WORK/first" "$WORK/second"

# ---- nobody vouches for it ----

run 4 "${load[@]:0:2}" --resources "$WORK/r" --progress none "dir:$WORK/media" "$target" # no key of ours
says err "signature"
nothing_was_written "the key is none that counts"
cp -a "$WORK/media" "$WORK/unsigned"
rm -r "$WORK/unsigned/signatures"
run 4 "${load[@]}" "dir:$WORK/unsigned" "$target"
says err "there is no signature of"
nothing_was_written "signatures were missing"
run 4 "${load[@]}" --media-keyring "$WORLD/update-key.asc" "dir:$WORK/media" "$target"
says err "the media is not signed"
nothing_was_written "the media is not signed"

# A payload that is another release than the inventory says.
cp -a "$WORK/media" "$WORK/altered"
python3 - "$WORK/altered" <<'PY'
import json, sys
path = sys.argv[1] + "/oc-hop.json"
media = json.load(open(path))
a, b = media["releases"][1], media["releases"][2]
a["digest"], b["digest"], a["source"], b["source"] = b["digest"], a["digest"], b["source"], a["source"]
json.dump(media, open(path, "w"), indent=2)
PY
run 4 "${load[@]}" "dir:$WORK/altered" "$target"
says err "it is release 4.1"
nothing_was_written "payloads were exchanged"

# An image that no payload names, well-formed and listed everywhere.
rm -r "$WORK/altered"
cp -a "$WORK/media" "$WORK/altered"
python3 - "$WORK/altered" <<'PY'
import copy, hashlib, json, sys
root = sys.argv[1]
media = json.load(open(root + "/oc-hop.json"))
donor = next(i for i in media["images"] if i["name"] == "etcd")
manifest = open(root + "/blobs/sha256/" + donor["digest"][7:], "rb").read() + b"\n"
digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
open(root + "/blobs/sha256/" + digest[7:], "wb").write(manifest)
image = copy.deepcopy(donor)
image.update(name="evil", digest=digest, sizeBytes=len(manifest))
image["source"] = image["source"].rsplit("@")[0] + "@" + digest
image["destinations"] = [{"repository": "components", "tag": "4.18.12-x86_64-evil"}]
media["images"].append(image)
media["manifests"].append({"digest": digest, "sizeBytes": len(manifest)})
json.dump(media, open(root + "/oc-hop.json", "w"), indent=2)
print(digest)
PY
run 4 "${load[@]}" "dir:$WORK/altered" "$target"
says err "4.18.12-x86_64-evil"
nothing_was_written "an image that nobody named was listed"
rm -r "$WORK/altered"

# Damage is found on the way in, and what is damaged gets no tag.
cp -a "$WORK/media" "$WORK/damaged"
printf 'x' | dd of="$WORK/damaged/blobs/sha256/$layer" bs=1 seek=1000 conv=notrunc status=none
run 4 "${load[@]}" "dir:$WORK/damaged" "$target"
says err "hyperkube"
says err "$layer"
if list_tags "$mirror_host/ocp4/openshift4-release-images" | grep -x '4.18.12-x86_64' >/dev/null; then
    fail "the release with a damaged component is tagged"
fi
[ ! -e "$mirror_root/docker/registry/v2/blobs/sha256/${layer:0:2}/$layer" ] || fail "the damaged blob was stored"
run 0 "${load[@]}" "dir:$WORK/media" "$target"
check_mirror "$mirror_host" "${path[@]}"
rm -r "$WORK/damaged"

# On the user's word only, and loudly; under other names; over TLS with a password.
if command -v openssl >/dev/null; then
    stop mirror
    make_ca
    start_registry mirror "$WORK/secure" tls htpasswd
    printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$mirror_host" "$(printf user:secret | base64)" >"$WORK/auth.json"
    run 6 "${load[@]}" --ca "$WORK/ca.pem" "dir:$WORK/media" "docker://$mirror_host"
    nothing_was_written "there were no credentials"
    # Nor is it known, without them, what the registry has.
    run 6 "${load[@]}" --ca "$WORK/ca.pem" "dir:$WORK/less" "docker://$mirror_host"
    says err "or pass --authfile"
    run 6 "$OC_HOP" verify --ca "$WORK/ca.pem" --progress none "docker://$mirror_host"
    says err "or pass --authfile"
    run 0 "$OC_HOP" load --insecure-skip-signatures --ca "$WORK/ca.pem" --authfile "$WORK/auth.json" \
        --repository house/parts --release-repository house/releases --graph-data-repository house/graph \
        --resources "$WORK/skipped" --progress none "dir:$WORK/media" "docker://$mirror_host"
    says err "RELEASE SIGNATURES ARE NOT CHECKED"
    grep -qF "$mirror_host/house/parts" "$WORK"/skipped/imagedigestmirrorset.yaml || fail "the resources have other names"
    run 0 "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --signature-store "$WORLD/signatures" --ca "$WORK/ca.pem" \
        --authfile "$WORK/auth.json" --repository house/parts --release-repository house/releases --progress none \
        "docker://$mirror_host"
fi

# ---- who wrote the media ----

if command -v gpg >/dev/null; then
    export GNUPGHOME=$WORK/gnupg
    mkdir -m 700 "$GNUPGHOME"
    gpg --batch --quiet --passphrase '' --quick-generate-key transfer@oc-hop.invalid ed25519 sign 2>/dev/null
    gpg --batch --quiet --export transfer@oc-hop.invalid >"$WORK/transfer.gpg"
    gpg --batch --quiet --output "$WORK/media/oc-hop.json.sig" --detach-sign "$WORK/media/oc-hop.json"
    gpgconf --kill all
    fresh_mirror
    run 0 "${load[@]}" --media-keyring "$WORK/transfer.gpg" "dir:$WORK/media" "$target"
    if grep -q "nobody vouches" "$WORK/err"; then fail "signed media is said to be unsigned"; fi
    check_mirror "$mirror_host" "${path[@]}"
    run 0 "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --media-keyring "$WORK/transfer.gpg" --progress none "dir:$WORK/media"
    fresh_mirror
    run 4 "${load[@]}" --media-keyring "$WORLD/update-key.asc" "dir:$WORK/media" "$target"
    says err "oc-hop.json"
    nothing_was_written "another key signed the media"
    printf '\n' >>"$WORK/media/oc-hop.json"
    run 4 "${load[@]}" --media-keyring "$WORK/transfer.gpg" "dir:$WORK/media" "$target"
    nothing_was_written "the inventory was changed"
fi

# ---- usage ----

run 2 "${load[@]}" -o json "$target"
[ ! -s "$WORK/out" ] || fail "a report of a run that has not begun"
run 1 "$OC_HOP" load --keyring "$WORK/nosuch" -o json "dir:$WORK/media" "$target"
[ ! -s "$WORK/out" ] || fail "a report of a run that has not begun"
run 2 "${load[@]}" -o json "dir:$WORK/nosuch" "$target"
grep -q '"exit_code": 2' "$WORK/out" || fail "there is no report"
run 2 "${load[@]}" "$WORK/media" "$target"
says err "hint: dir:$WORK/media"
run 2 "${load[@]}" "dir:$WORK/media"
run 4 "${load[@]}" "dir:$WORK/resources" "$target"
says err "oc-hop.json"
