#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Volumes are proved and loaded where they lie, in one directory or in several; one that is
# damaged, missing, exchanged or made by somebody else is found, and named.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none --volume-size 1M "dir:$WORK/writer"
stop source
mkdir "$WORK/good"
mv "$WORK"/writer/oc-hop.*.tar "$WORK/good/"
last=$(find "$WORK/good" -name 'oc-hop.*.tar' | sort | tail -n 1)
last=${last##*/}

afresh() {
    rm -rf "$WORK/discs"
    cp -a "$WORK/good" "$WORK/discs"
}
verify=("$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none)
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none)

afresh
run 0 "${verify[@]}" "dir:$WORK/discs"
says out "0 errors, 0 warnings"
start_registry mirror "$WORK/mirror"
run 0 "${load[@]}" "dir:$WORK/discs" "docker://$mirror_host"
check_mirror "$mirror_host" --skopeo "${path[@]}"

# One bit anywhere in any volume, padding and headers included.
flips=$([ -n "${HOP_LONG:-}" ] && echo 200 || echo 20)
python3 - "$WORK/discs" "$flips" "$SEED" >"$WORK/flips" <<'PY'
import os, random, sys
root, count, pick = sys.argv[1], int(sys.argv[2]), random.Random(int(sys.argv[3]))
files = sorted(os.listdir(root))
for i in range(count):
    f = pick.choice(files)
    size = os.path.getsize(f"{root}/{f}")
    # Every other one near the end: lists, padding, the end marker.
    print(f, pick.randrange(size) if i % 2 else size - 1 - pick.randrange(4096), pick.randrange(8))
PY
while read -r file offset bit; do
    flip() {
        python3 - "$WORK/discs/$file" "$offset" "$bit" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0] ^ 1 << int(sys.argv[3])
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte]))
PY
    }
    flip
    run 4 "${verify[@]}" "dir:$WORK/discs"
    says err "$file"
    flip
done <"$WORK/flips"
# What no sum covers: the end of the first header's own checksum.
python3 - "$WORK/discs/$last" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(155)
    f.write(b"!")
PY
run 4 "${verify[@]}" "dir:$WORK/discs"
says err "$last: it is no tar, or damaged"
afresh
# In the document that says what the media is, so that it cannot even be read.
python3 - "$WORK/discs/$last" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    data = f.read()
    f.seek(data.index(b'"schema": "oc-hop/media/'))
    f.write(b"'")
PY
run 4 "${verify[@]}" "dir:$WORK/discs"
says err "$last: oc-hop.json:"
# Or so that not even its volume can.
truncate -s 10K "$WORK/discs/$last"
run 4 "${verify[@]}" "dir:$WORK/discs"
says err "which the last volume has; "
says err "$last: "
! grep "more are missing" "$WORK/err" >/dev/null || fail "a torn volume is taken for a missing one"
afresh
run 0 "${verify[@]}" "dir:$WORK/discs"

# In two directories, in any order; one volume alone may be sent again.
mkdir "$WORK/second"
mv "$WORK/discs/oc-hop.003.tar" "$WORK/second/"
run 4 "${verify[@]}" "dir:$WORK/discs"
says err "oc-hop.003.tar: this volume is missing"
says err "hop: 4.1"
run 0 "${verify[@]}" "dir:$WORK/second" "dir:$WORK/discs"
start_registry other "$WORK/other"
run 4 "${load[@]}" "dir:$WORK/discs" "docker://$other_host"
says err "oc-hop.003.tar"
[ "$(count other '(PUT|POST|PATCH) ')" = 0 ] || fail "something was written without a volume"
run 0 "${load[@]}" "dir:$WORK/second" "dir:$WORK/discs" "docker://$other_host"
check_mirror "$other_host" "${path[@]}"

# The last one; two under each other's names; one twice; one of another set.
afresh
rm "$WORK/discs/$last"
run 4 "${verify[@]}" "dir:$WORK/discs"
says err "it is not the last volume: more are missing"
afresh
mv "$WORK/discs/oc-hop.002.tar" "$WORK/swap"
mv "$WORK/discs/oc-hop.004.tar" "$WORK/discs/oc-hop.002.tar"
mv "$WORK/swap" "$WORK/discs/oc-hop.004.tar"
run 4 "${verify[@]}" "dir:$WORK/discs"
says err "oc-hop.002"
says err "oc-hop.004"
afresh
run 4 "${verify[@]}" "dir:$WORK/discs" "dir:$WORK/good"
says err "is in two of the directories"

# What no writer of ours makes: links, names that lead out, sizes beyond the end.
python3 - "$WORK/good/oc-hop.002.tar" "$WORK" <<'PY'
import io, sys, tarfile
source, work = sys.argv[1:]
def member(name, **more):
    m = tarfile.TarInfo(name)
    for k, v in more.items():
        setattr(m, k, v)
    return m
hostile = {
    "link": member("blobs/sha256/" + "0" * 64, type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "hard": member("blobs/sha256/" + "0" * 64, type=tarfile.LNKTYPE, linkname="oc-hop.json"),
    "device": member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    "outside": member("../outside"),
    "absolute": member("/outside"),
}
for name, m in hostile.items():
    with tarfile.open(f"{work}/{name}.tar", "w", format=tarfile.USTAR_FORMAT) as out, tarfile.open(source) as old:
        out.addfile(m, io.BytesIO())
        for o in old:
            out.addfile(o, old.extractfile(o))
data = bytearray(open(source, "rb").read())
data[124:136] = b"77777777777\0"
data[148:156] = b" " * 8
data[148:156] = b"%06o\0 " % sum(data[:512])
open(f"{work}/absurd.tar", "wb").write(data)
open(f"{work}/cut.tar", "wb").write(data[:700])
PY
for what in link hard device outside absolute absurd cut; do
    afresh
    mv "$WORK/$what.tar" "$WORK/discs/oc-hop.002.tar"
    run 4 "${verify[@]}" "dir:$WORK/discs"
    says err "oc-hop.002.tar"
    [ ! -e "$WORK/outside" ] || fail "$what: a member left its directory"
done

# A blob of more than 5 MiB lies in six volumes of 1 MiB at least: each volume has its size
# and no more, they are proved, and loaded.
large=$WORK/large-world
"${HOP_WORLD_BIN:?names the program hop-world}" --size next --base 6 "$large"
start_registry large "$large/registry"
# shellcheck disable=SC2154
sed "s/SOURCE_HOST/$large_host/" "$large/idms.yaml" >"$WORK/large.yaml"
run 0 "$OC_HOP" mirror --from 4.20.5 --to 4.21.1 --accept-risk all --keyring "$large/update-key.asc" \
    --signature-store "$large/signatures" --graph "stable-4.21=$large/graphs/stable-4.21.json" \
    --graph-data "$large/graph-data.tar.gz" --idms-file "$WORK/large.yaml" --progress none \
    --volume-size 1M "dir:$WORK/large"
stop large
python3 "$HERE/unpack_volumes.py" "$WORK/large-unpacked" $((1 << 20)) "$WORK"/large/oc-hop.*.tar
python3 - "$WORK/large" "$large/expected.json" <<'PY'
import collections, glob, json, sys, tarfile
sizes = {}
for i in json.load(open(sys.argv[2]))["images"]:
    sizes.update(i["blobs"])
volumes = collections.defaultdict(set)
for path in glob.glob(sys.argv[1] + "/oc-hop.*.tar"):
    for m in tarfile.open(path):
        volumes["sha256:" + m.name.split("/")[-1].split(".")[0]].add(path)
digest = max((d for d in volumes if d in sizes), key=lambda d: sizes[d])
assert sizes[digest] > 5 << 20, sizes[digest]
assert len(volumes[digest]) >= 6, volumes[digest]
PY
releases=(--start 4.20.5/amd64 --release 4.21.1/amd64)
python3 "$HERE/check_media.py" --expected "$large/expected.json" --media "$WORK/large-unpacked" "${releases[@]}" --skopeo
run 0 "$OC_HOP" verify --keyring "$large/update-key.asc" --progress none "dir:$WORK/large"
says out "0 missing; 0 errors"
fresh_mirror
run 0 "$OC_HOP" load --keyring "$large/update-key.asc" --resources "$WORK/large-resources" --progress none "dir:$WORK/large" "$target"
python3 "$HERE/check_mirror.py" --expected "$large/expected.json" --host "$mirror_host" "${releases[@]}"
