#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The layout of stock oc, damaged or altered: verify and load name what is wrong, and load
# writes nothing. Nothing leads out of the media and nothing makes the reader wait.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

python3 "$HERE/make_stock.py" --expected "$WORLD/expected.json" --registry "$WORLD/registry" --sigstore \
    --signatures "$WORLD/signatures" --release 4.18.9/amd64 --release 4.18.12/amd64 "$WORK/good"
start_registry mirror "$WORK/mirror"
target=docker://$mirror_host
verify=("$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none)
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none)

# fresh: $M is a good copy, $R its repository.
M=$WORK/media
R=$M/v2/openshift/release
fresh() {
    rm -rf "$M"
    cp -a "$WORK/good" "$M"
}

# digest_of TAG: what the tag names.
digest_of() {
    readlink "$R/manifests/$1"
}

# last_layer TAG: of an image.
last_layer() {
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["layers"][-1]["digest"])' "$R/blobs/$(digest_of "$1")"
}

# write_file PATH: standard input in place of what is there; a hard link of it stays.
write_file() {
    rm -f "$1"
    cat >"$1"
}

# refused TEXT…: both verbs end with 4 and name it; nothing was written.
refused() {
    local text
    run 4 timeout 120 "${verify[@]}" "dir:$M"
    for text; do says err "$text"; done
    run 4 timeout 120 "${load[@]}" "dir:$M" "$target"
    for text; do says err "$text"; done
    [ "$(count mirror '(PUT|PATCH) ')" = 0 ] || fail "something was written: $1"
}

# ---- damage ----

# One bit of a manifest, of a payload's layer, of a signature.
fresh
etcd=$(digest_of 4.18.12-x86_64-etcd)
python3 - "$R/blobs/$etcd" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(40)
    byte = f.read(1)[0]
    f.seek(40)
    f.write(bytes([byte ^ 4]))
PY
refused "blobs/$etcd" "4.18.12 (amd64) etcd"

fresh
layer=$(last_layer 4.18.9-x86_64)
printf 'x' | dd of="$R/blobs/$layer" bs=1 seek=100 conv=notrunc status=none
refused "blobs/$layer" "4.18.9 (amd64) payload"

fresh
rm "$R/blobs/$layer"
refused "$layer" "4.18.9 (amd64) payload"

fresh
rm "$R/manifests/$etcd" "$R/blobs/$etcd"
refused "$etcd" "4.18.12 (amd64) etcd"

# The copy in manifests/ will do for a load; the other one is found by verify.
fresh
printf ' ' | cat "$WORK/good/v2/openshift/release/blobs/$etcd" - | write_file "$R/manifests/$etcd"
run 4 "${verify[@]}" "dir:$M"
says err "manifests/$etcd"
fresh
rm "$R/blobs/$etcd"
run 0 "${verify[@]}" "dir:$M"

# ---- tags ----

fresh
rm "$R/manifests/4.18.12-x86_64-etcd"
refused "manifests/4.18.12-x86_64-etcd: this tag is not there" "4.18.12 (amd64) etcd"

fresh
ln -sfn "$(digest_of 4.18.12-x86_64-cli)" "$R/manifests/4.18.12-x86_64-etcd"
refused "manifests/4.18.12-x86_64-etcd: it gives" "not $etcd"

fresh
ln -sfn "$(digest_of 4.18.9-x86_64)" "$R/manifests/4.18.12-x86_64"
refused "it is release 4.18.9"

fresh
ln -sfn "../../../../../../etc/passwd" "$R/manifests/4.18.12-x86_64"
refused "manifests/4.18.12-x86_64: it is a link to ../../../../../../etc/passwd, which is no digest"

# Another place by the same name: only the name counts, and it is read below the media.
fresh
ln -sfn "/elsewhere/$etcd" "$R/manifests/4.18.12-x86_64-etcd"
run 0 "${verify[@]}" "dir:$M"

# The same tag twice, once in each repository.
fresh
mkdir -p "$M/v2/openshift/release-images/manifests"
ln -s "$(digest_of 4.18.9-x86_64)" "$M/v2/openshift/release-images/manifests/4.18.12-x86_64"
refused "release-images/manifests/4.18.12-x86_64: it names"

fresh
rm "$R"/manifests/*-x86_64
refused "no tag is that of a release" "were they lost"

# ---- links, pipes, directories ----

fresh
layer=$(last_layer 4.18.12-x86_64-hyperkube)
mv "$R/blobs/$layer" "$WORK/outside"
ln -s "$WORK/outside" "$R/blobs/$layer"
refused "blobs/$layer: it is a symbolic link" "$layer"

fresh
rm "$R/manifests/$etcd"
ln -s "../blobs/$etcd" "$R/manifests/$etcd"
refused "manifests/$etcd: it is a symbolic link"

fresh
rm "$R/blobs/$layer"
mkfifo "$R/blobs/$layer"
refused "blobs/$layer: it is not a file"

fresh
rm "$R/manifests/4.18.12-x86_64"
mkfifo "$R/manifests/4.18.12-x86_64"
refused "manifests/4.18.12-x86_64: it is not a file"

# An endless device, where whoever runs this may make one.
fresh
rm "$R/blobs/$layer"
if mknod "$R/blobs/$layer" c 1 5 2>"$WORK/mknod"; then
    refused "blobs/$layer: it is not a file"
else
    echo "note: no device node: $(cat "$WORK/mknod")"
fi

fresh
mkdir "$R/manifests/4.18.13-x86_64"
refused "manifests/4.18.13-x86_64: it is not a file"

for part in v2 v2/openshift v2/openshift/release v2/openshift/release/manifests; do
    fresh
    rm -rf "$WORK/elsewhere"
    mv "$M/$part" "$WORK/elsewhere"
    ln -s "$WORK/elsewhere" "$M/$part"
    refused "a symbolic link or a file stands where a directory should be"
done

fresh
touch "$R/blobs/sha256:${etcd^^}" "$R/blobs/readme" "$R/manifests/a tag"
refused "its name is no digest" "its name is neither a digest nor a tag"

# ---- lengths ----

fresh
rm "$R/manifests/4.18.12-x86_64"
truncate -s 1G "$R/manifests/4.18.12-x86_64"
refused "manifests/4.18.12-x86_64: read 4.18.12-x86_64: it has 1073741824 bytes, the limit is"

# ---- ConfigMaps ----

map=$M/config/signature-sha256-$(fresh && digest_of 4.18.12-x86_64 | cut -c 8-23).json
other=$M/config/signature-sha256-$(digest_of 4.18.9-x86_64 | cut -c 8-23).json

# damaged_map TEXT…: with the ConfigMap as it is now.
damaged_map() {
    refused "4.18.12 (amd64) payload" "$@"
}

fresh
rm "$map"
damaged_map "there is no signature of"
fresh
truncate -s 1G "$map"
damaged_map "config/${map##*/}: read config/${map##*/}: it has 1073741824 bytes, the limit is"
fresh
python3 -c 'print("[" * 100000)' >"$map"
damaged_map "config/${map##*/}"
fresh
printf 'a: &a [x, x]\nb: &b [*a, *a]\nbinaryData: *b\n' >"$map"
damaged_map "config/${map##*/}" "anchors are not accepted"
fresh
python3 - "$map" <<'PY'
import json, sys
document = json.load(open(sys.argv[1]))
key = next(iter(document["binaryData"]))
document["binaryData"] = {key: "A" * 600000}
json.dump(document, open(sys.argv[1], "w"))
PY
damaged_map "config/${map##*/}: it is far too long for a signature"
fresh
sed -i 's/-1":"/-1":"%/' "$map"
damaged_map "config/${map##*/}: it is no base64"
# A good signature of something else, under this name and key.
fresh
python3 - "$map" "$other" <<'PY'
import json, sys
a, b = (json.load(open(p)) for p in sys.argv[1:])
a["binaryData"] = {k: next(iter(b["binaryData"].values())) for k in a["binaryData"]}
json.dump(a, open(sys.argv[1], "w"))
PY
damaged_map
fresh
mv "$M/config" "$WORK/config"
ln -s "$WORK/config" "$M/config"
damaged_map "symbolic link"

# ---- what lies beside it ----

fresh
printf '%064d  ../../etc/passwd\n' 0 >"$M/SHA256SUMS"
refused "SHA256SUMS: line 1: the name leads out of the media"
fresh
printf 'plan' >"$M/plan-amd64.json"
printf '%064d  plan-amd64.json\n' 0 >"$M/SHA256SUMS"
refused "plan-amd64.json"
fresh
truncate -s 1G "$M/SHA256SUMS"
refused "SHA256SUMS"

# ---- a layer that no payload is read from is hashed on its way in ----

fresh
layer=$(last_layer 4.18.12-x86_64-hyperkube)
printf 'x' | dd of="$R/blobs/$layer" bs=1 seek=100 conv=notrunc status=none
run 4 "${verify[@]}" "dir:$M"
says err "blobs/$layer"
run 4 "${load[@]}" "dir:$M" "$target"
says err "$layer"
[ ! -e "$WORK/mirror/docker/registry/v2/blobs/sha256/${layer:7:2}/${layer:7}" ] || fail "the damaged blob was stored"
if ls "$WORK/mirror/docker/registry/v2/repositories/ocp4/openshift4-release-images/_manifests/tags" | grep -qx '4.18.12-x86_64'; then
    fail "a release with a damaged component is tagged"
fi
run 0 "${load[@]}" "dir:$WORK/good" "$target"
check_mirror "$mirror_host" --release 4.18.9/amd64 --release 4.18.12/amd64
