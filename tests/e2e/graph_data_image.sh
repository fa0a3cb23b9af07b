#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The graph-data image, unpacked with umoci and run as OpenShift runs it: an arbitrary uid,
# gid 0, first as the init container and then as the digest poller; foreign architectures
# under qemu-user. Built twice in different surroundings it has one digest, and skopeo
# copies every form of it.
. "$(dirname "$0")/lib.sh"
need umoci skopeo python3 setpriv chroot
if [ "$(id -u)" != 0 ]; then
    printf 'skipped: only root can enter a chroot as another user\n'
    exit 77
fi

DATA_ARCHIVE=$WORLD/graph-data.tar.gz
mkdir "$WORK/tree"
tar -C "$WORK/tree" -xzf "$DATA_ARCHIVE"
image_of() { # ARGUMENT…: what the last run printed as the image
    sed -n 's/.*@//p' "$WORK/out" | head -n 1
}

# ---- the same input gives the same digest ----

run 0 "$OC_HOP" graph-data --graph-data "$DATA_ARCHIVE" "oci:$WORK/layout"
digest=$(image_of)
[[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || fail "no digest was printed"

mkdir "$WORK/other"
(
    cd "$WORK/other"
    umask 077
    TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 HOME=/nonexistent USER=somebody \
        run 0 "$OC_HOP" graph-data --graph-data "$DATA_ARCHIVE" oci:layout:latest
)
cmp "$WORK/layout/index.json" "$WORK/other/layout/index.json" ||
    fail "another directory, umask and time zone gave another image"

# Another user, who can write nowhere else and see little.
chmod 0755 "$WORK"
install -d -o 65534 -g 65534 "$WORK/nobody"
cp "$OC_HOP" "$WORK/oc-hop"
cp "$DATA_ARCHIVE" "$WORK/data.tar.gz"
chmod 0644 "$WORK/data.tar.gz"
(
    cd "$WORK/nobody"
    umask 077
    TZ=America/St_Johns HOME=/nonexistent run 0 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        "$WORK/oc-hop" graph-data --graph-data ../data.tar.gz oci:layout
)
[ "$(stat -c %u "$WORK/nobody/layout/index.json")" = 65534 ] || fail "it did not run as another user"
cmp "$WORK/layout/index.json" "$WORK/nobody/layout/index.json" || fail "another user gave another image"
diff -r "$WORK/layout/blobs" "$WORK/nobody/layout/blobs" || fail "another user gave other blobs"

# Members in another order, with other owners and modes, behind a leading directory.
python3 - "$DATA_ARCHIVE" "$WORK/shuffled.tar.gz" <<'PY'
import sys, tarfile
with tarfile.open(sys.argv[1]) as old, tarfile.open(sys.argv[2], "w:gz") as new:
    for m in reversed([m for m in old if m.isfile()]):
        data = old.extractfile(m)
        m.name, m.uid, m.gid, m.mode = "some-prefix/" + m.name.lstrip("./"), 1000, 1000, 0o600
        m.uname = m.gname = "somebody"
        new.addfile(m, data)
    for name in ("channels", "blocked-edges"):
        directory = tarfile.TarInfo("some-prefix/" + name)
        directory.type = tarfile.DIRTYPE
        new.addfile(directory)
PY
run 0 "$OC_HOP" graph-data --graph-data "$WORK/shuffled.tar.gz" "oci:$WORK/shuffled"
[ "$(image_of)" = "$digest" ] || fail "another order of the members gave another image"

# A directory has no times; two copies of it give one image.
run 0 "$OC_HOP" graph-data --graph-data "$WORK/tree" "oci:$WORK/from-tree"
from_tree=$(image_of)
cp -r "$WORK/tree" "$WORK/tree-copy"
find "$WORK/tree-copy" -exec touch -d 2001-01-01 {} +
chmod -R go= "$WORK/tree-copy"
run 0 "$OC_HOP" graph-data --graph-data "$WORK/tree-copy" "oci:$WORK/from-copy"
[ "$(image_of)" = "$from_tree" ] || fail "times in a directory gave another image"

# ---- each architecture runs ----

# umoci wants one image per tag: the copy of the layout tags each child of the list.
cp -r "$WORK/layout" "$WORK/tagged"
python3 - "$WORK/tagged" >"$WORK/archs" <<'PY'
import json, os, sys
layout = sys.argv[1]
path = os.path.join(layout, "index.json")
index = json.load(open(path))
top = index["manifests"][0]
if top["mediaType"].endswith("index.v1+json"):
    blob = os.path.join(layout, "blobs", top["digest"].replace(":", "/"))
    index["manifests"] = json.load(open(blob))["manifests"]
for m in index["manifests"]:
    arch = m["platform"]["architecture"]
    m["annotations"] = {"org.opencontainers.image.ref.name": arch}
    print(arch)
json.dump(index, open(path, "w"))
PY

declare -A EMULATOR=([arm64]=aarch64 [ppc64le]=ppc64le [s390x]=s390x [amd64]=x86_64)
declare -A MACHINE=([arm64]=aarch64 [ppc64le]=ppc64le [s390x]=s390x [amd64]=x86_64)

# as_pod ROOT EMULATOR|"" COMMAND…: in the chroot, under a uid of the restricted policy.
as_pod() {
    local root=$1 emulator=$2
    shift 2
    chroot --userspec=1000650000:0 --groups=0 "$root" ${emulator:+"$emulator"} "$@"
}

check_tree() {
    diff -r "$WORK/tree" "$1" || fail "$arch: the copy differs from the input"
}

ran=0
while read -r arch; do
    emulator=
    root=$WORK/bundle-$arch/rootfs
    umoci unpack --image "$WORK/tagged:$arch" "$WORK/bundle-$arch" >"$WORK/umoci.log" 2>&1 ||
        fail "umoci: $(tail -n 3 "$WORK/umoci.log")"
    diff -r "$WORK/tree" "$root/var/lib/cincinnati-graph-data" || fail "$arch: the image carries another tree"
    if find "$root/var" "$root/bin" \( ! -uid 0 -o ! -gid 0 -o -type d ! -perm 0755 \) | grep .; then
        fail "$arch: an owner or mode is wrong"
    fi
    size=$(stat -c %s "$root/bin/oc-hop-copy")
    ((size < 70000)) || fail "$arch: the copier has $size bytes"
    if [ "$(uname -m)" != "${MACHINE[$arch]}" ]; then
        if ! command -v "qemu-${EMULATOR[$arch]}-static" >/dev/null; then
            printf '%s: not run, qemu-%s-static is not installed\n' "$arch" "${EMULATOR[$arch]}"
            continue
        fi
        cp "$(command -v "qemu-${EMULATOR[$arch]}-static")" "$root/emulator"
        emulator=/emulator
    fi
    served=$root/var/lib/cincinnati/graph-data
    mkdir -p "$served"
    chmod 0777 "$served"
    mapfile -t entrypoint < <(python3 -c 'import json,sys; print("\n".join(json.load(open(sys.argv[1]))["process"]["args"]))' "$WORK/bundle-$arch/config.json")

    run 0 as_pod "$root" "$emulator" "${entrypoint[@]}"
    check_tree "$served"
    [ "$(stat -c %u:%g "$served/version")" = 1000650000:0 ] || fail "$arch: it ran under another user"
    # Times are not those of the image, which are 0; nor is anything else of it kept.
    [ "$(stat -c %Y "$served/version")" -gt 0 ] || fail "$arch: it kept the times of the image"
    # What was there before and is not in the image stays.
    touch "$served/of-somebody-else"
    run 0 as_pod "$root" "$emulator" "${entrypoint[@]}"
    rm "$served/of-somebody-else" || fail "$arch: it took away a file"
    # A second run; then over a file that is older, longer and read-only.
    run 0 as_pod "$root" "$emulator" "${entrypoint[@]}"
    check_tree "$served"
    rm "$served/version"
    head -c 100000 /dev/zero >"$served/version"
    chmod 0400 "$served/version"
    run 0 as_pod "$root" "$emulator" "${entrypoint[@]}"
    check_tree "$served"

    # What cannot be copied is named.
    rm "$served/version"
    mkdir "$served/version"
    run 1 as_pod "$root" "$emulator" "${entrypoint[@]}"
    says err "/var/lib/cincinnati-graph-data/version: error 21, is a directory"
    rmdir "$served/version"
    chmod 0555 "$served"
    run 1 as_pod "$root" "$emulator" "${entrypoint[@]}"
    says err "error 13, permission denied"

    # The operator's poller, and what it never asks for.
    before=$(date +%s%N)
    run 0 as_pod "$root" "$emulator" /bin/sh -c -- "sleep 1;"
    (($(date +%s%N) - before >= 1000000000)) || fail "$arch: it did not sleep"
    run 0 as_pod "$root" "$emulator" /bin/sh -c "sleep 0"
    for command in "sleep" "sleep 1; id" "sleep -1" "sleep 99999999999" "id" ""; do
        run 127 as_pod "$root" "$emulator" /bin/sh -c -- "$command"
        says err "this image has no shell"
    done
    run 127 as_pod "$root" "$emulator" /bin/sh
    printf '%s: copier %s bytes, layers %s bytes\n' "$arch" "$size" \
        "$(skopeo inspect --raw "oci:$WORK/tagged:$arch" | python3 -c 'import json,sys; print(sum(l["size"] for l in json.load(sys.stdin)["layers"]))')"
    ran=$((ran + 1))
done <"$WORK/archs"
((ran > 0)) || fail "no architecture could be run"

# ---- other programs read every form ----

native=$(grep -m 1 -x -e amd64 "$WORK/archs" || head -n 1 "$WORK/archs")
run 0 skopeo copy --all "oci:$WORK/layout:latest" "oci:$WORK/copied:t"
cmp "$WORK/layout/blobs/sha256/${digest#sha256:}" "$WORK/copied/blobs/sha256/${digest#sha256:}"
run 0 "$OC_HOP" graph-data --arch "$native" --graph-data "$DATA_ARCHIVE" \
    "docker-archive:$WORK/image.tar:registry.example/ocp4/graph-data:t"
run 0 skopeo copy "docker-archive:$WORK/image.tar" "oci:$WORK/from-archive:t"
run 0 umoci unpack --image "$WORK/from-archive:t" "$WORK/bundle-archive"
diff -r "$WORK/tree" "$WORK/bundle-archive/rootfs/var/lib/cincinnati-graph-data" ||
    fail "the docker-archive carries another tree"
run 0 skopeo inspect "docker-archive:$WORK/image.tar"
if [ "$(wc -l <"$WORK/archs")" -gt 1 ]; then
    run 2 "$OC_HOP" graph-data --graph-data "$DATA_ARCHIVE" "docker-archive:$WORK/many.tar"
    says err "one architecture"
fi
