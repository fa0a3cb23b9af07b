#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# graph-data to a registry and to a layout: the same image, and what it carries is the tree.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry mirror "$WORK/mirror"
cp -r "$WORLD/graph-data" "$WORK/tree"
build=("$OC_HOP" graph-data --arch amd64)

run 0 "${build[@]}" --graph-data "$WORLD/graph-data.tar.gz" "oci:$WORK/layout"
run 0 "${build[@]}" --graph-data "$WORLD/graph-data.tar.gz" "docker://$mirror_host/ocp4/graph-data:demo"
mkdir "$WORK/elsewhere"
(cd "$WORK/elsewhere" && TZ=Pacific/Auckland "${build[@]}" --graph-data "$WORLD/graph-data.tar.gz" oci:again) \
    >"$WORK/out" 2>"$WORK/err"
cmp "$WORK/layout/index.json" "$WORK/elsewhere/again/index.json" || fail "another directory and time zone, another digest"

# What it carries: unpacked by hand, layer by layer, it is the tree.
skopeo copy -q "oci:$WORK/layout" "dir:$WORK/unpacked"
python3 - "$WORK/unpacked" "$WORK/rootfs" <<'PY'
import json, os, sys, tarfile
source, root = sys.argv[1:]
manifest = json.load(open(os.path.join(source, "manifest.json")))
for layer in manifest["layers"]:
    with tarfile.open(os.path.join(source, layer["digest"].split(":")[1])) as archive:
        for member in archive:
            if (member.uid, member.gid) != (0, 0):
                sys.exit(f"{member.name} belongs to {member.uid}:{member.gid}")
            data = member.name.lstrip("./").startswith("var/lib/cincinnati-graph-data")
            if data and member.mode != (0o755 if member.isdir() else 0o644):
                sys.exit(f"{member.name} has mode {member.mode:o}")
        archive.extractall(root)
PY
diff -r "$WORK/tree" "$WORK/rootfs/var/lib/cincinnati-graph-data" || fail "the image carries another tree"

# A directory gives the same data.
run 0 "${build[@]}" --graph-data "$WORK/tree" "docker://$mirror_host/ocp4/graph-data:tree"
raw_digest "$mirror_host/ocp4/graph-data:demo" >/dev/null
# The same again is no change: nothing is written.
forget mirror
run 0 "${build[@]}" --graph-data "$WORK/tree" "docker://$mirror_host/ocp4/graph-data:tree"
[ "$(count mirror 'PUT ')" = 0 ] || fail "an unchanged image was written again"

# Refusals: each with its reason, and no image.
refuse() { # TEXT PATH
    run 4 "${build[@]}" --graph-data "$2" "oci:$WORK/refused"
    says err "$1"
    [ ! -e "$WORK/refused/index.json" ] || fail "an image was made of $2"
}
head -c 300 "$WORLD/graph-data.tar.gz" >"$WORK/truncated.tar.gz"
refuse truncated "$WORK/truncated.tar.gz"
printf '<!DOCTYPE html><html><body>Please log in</body></html>' >"$WORK/page.tar.gz"
refuse page.tar.gz "$WORK/page.tar.gz"
cp -r "$WORK/tree" "$WORK/no-version" && rm "$WORK/no-version/version"
refuse version "$WORK/no-version"
cp -r "$WORK/tree" "$WORK/future" && printf '2.0.0\n' >"$WORK/future/version"
refuse 2.0.0 "$WORK/future"
python3 - "$WORLD/graph-data.tar.gz" "$WORK" <<'PY'
import io, sys, tarfile
source, work = sys.argv[1:]

def variant(name, change):
    with tarfile.open(source) as old, tarfile.open(f"{work}/{name}.tar.gz", "w:gz") as new:
        for m in old:
            new.addfile(m, old.extractfile(m) if m.isfile() else None)
        extra = tarfile.TarInfo("channels/extra.yaml")
        change(extra)
        new.addfile(extra, io.BytesIO(b"x" * extra.size))

def upward(m): m.name, m.size = "channels/../../etc/passwd", 1
def absolute(m): m.name, m.size = "/etc/passwd", 1
def link(m): m.type, m.linkname = tarfile.SYMTYPE, "/etc/passwd"
def hard(m): m.type, m.linkname = tarfile.LNKTYPE, "version"
for name, change in (("upward", upward), ("absolute", absolute), ("link", link), ("hard", hard)):
    variant(name, change)
PY
refuse etc/passwd "$WORK/upward.tar.gz"
refuse etc/passwd "$WORK/absolute.tar.gz"
refuse extra.yaml "$WORK/link.tar.gz"
refuse extra.yaml "$WORK/hard.tar.gz"
