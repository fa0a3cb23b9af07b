#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever is wrong with media is found without a network, with its file and the hop that
# needs it: flipped bits, lost and swapped files, documents that do not match, links.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none "dir:$WORK/good"
stop source
KEY=(--keyring "$WORLD/update-key.asc")

# afresh: $WORK/media is a copy of the good media.
afresh() {
    rm -rf "$WORK/media"
    cp -a "$WORK/good" "$WORK/media"
}

# verify CODE ARGUMENT…: without any network where that can be had.
verify() {
    local code=$1
    shift
    run "$code" "${alone[@]}" "$OC_HOP" verify "${KEY[@]}" --progress none "$@"
}
alone=()
if unshare --net true 2>/dev/null; then
    alone=(unshare --net)
elif unshare --map-root-user --net true 2>/dev/null; then
    alone=(unshare --map-root-user --net)
fi

# found FILE RULE HOP: the last run (-o json) must have an error of that rule ("" is any)
# about that file, and name the hop ("" is any).
found() {
    python3 - "$WORK/out" "$@" <<'PY' || fail "not found: $*"
import json, sys
report, name, rule, hop = json.load(open(sys.argv[1])), *sys.argv[2:5]
hits = [f for f in report["findings"] if f["level"] == "error" and name in (f["file"] or "")
        and rule in ("", f["rule"]) and (hop == "" or any(hop in h for h in f["hops"]))]
if not hits:
    print(json.dumps(report["findings"], indent=1)[:3000])
    sys.exit(1)
PY
}

afresh
verify 0 "dir:$WORK/media"
says out "4.18.12"
says out "0 errors, 0 warnings"
[ "$(grep -c good "$WORK/out")" -ge 5 ] || fail "not every release is good"
verify 0 -o inventory "dir:$WORK/media"
python3 - "$WORK/out" "$WORK/media/oc-hop.json" <<'PY'
import json, sys
inventory, media = (json.load(open(p)) for p in sys.argv[1:])
assert inventory["schema"] == "oc-hop/inventory/v1"
for kind in ("manifests", "blobs"):
    assert inventory[kind] == [i["digest"] for i in media[kind]], kind
PY

# One bit in each of many places, over all bytes of the media: never missed, file named.
flips=$([ -n "${HOP_LONG:-}" ] && echo 200 || echo 20)
python3 - "$WORK/media" "$flips" "$SEED" >"$WORK/flips" <<'PY'
import os, random, sys
root, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
files = sorted(os.path.join(d, f) for d, _, names in os.walk(root) for f in names if f != ".oc-hop.lock")
# SHA256SUMS names itself nowhere, and a flip in it can only make a wrong sum: it is in.
sizes = [os.path.getsize(f) for f in files]
pick = random.Random(seed)
for i in range(count):
    # Half of the places anywhere in the bytes, half in a file of any size.
    f = pick.choices(range(len(files)), sizes if i % 2 else None)[0]
    print(os.path.relpath(files[f], root), pick.randrange(sizes[f]), pick.randrange(8))
PY
while read -r file offset bit; do
    flip() {
        python3 - "$WORK/media/$file" "$offset" "$bit" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0] ^ 1 << int(sys.argv[3])
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte]))
PY
    }
    flip
    verify 4 -o json "dir:$WORK/media"
    case $file in
    oc-hop.json) ;; # it may not even be JSON any more
    blobs/*) found "$file" "" "4.1" ;;
    SHA256SUMS) found "$file" document "" ;;
    *) found "$file" "" "" ;;
    esac
    if [ "$file" = oc-hop.json ]; then
        grep -qF oc-hop.json "$WORK/out" "$WORK/err" || fail "oc-hop.json is not named"
    fi
    flip
done <"$WORK/flips"
verify 0 "dir:$WORK/media"

# blob NAME [INDEX]: the path of a blob of a component of 4.18.12.
blob() {
    python3 - "$WORLD/expected.json" "$1" "${2:--1}" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.18.12", "amd64", sys.argv[2]):
        print("blobs/sha256/" + list(i["blobs"])[int(sys.argv[3])][7:])
PY
}
layer=$(blob hyperkube)
other=$(blob machine-config-operator)

# A file that is gone, one that is cut, two that were swapped.
rm "$WORK/media/$layer"
verify 4 -o json "dir:$WORK/media"
found "$layer" missing "4.18.12 (amd64) hyperkube"
afresh
truncate -s -1 "$WORK/media/$layer"
verify 4 -o json "dir:$WORK/media"
found "$layer" digest "4.18.12 (amd64) hyperkube"
afresh
mv "$WORK/media/$layer" "$WORK/media/swap"
mv "$WORK/media/$other" "$WORK/media/$layer"
mv "$WORK/media/swap" "$WORK/media/$other"
verify 4 -o json "dir:$WORK/media"
found "$layer" digest "4.18.12 (amd64) hyperkube"
found "$other" digest "4.18.12 (amd64) machine-config-operator"

# All that is wrong is reported, in text too.
rm "$WORK/media/plan-amd64.json" "$WORK/media/signatures"/*/signature-1
verify 4 "dir:$WORK/media"
says err "$layer"
says err "plan-amd64.json"
says err "there is no signature of sha256:"
says err "hop: 4.18.12 (amd64) hyperkube"

# A key that did not sign.
afresh
sed 's/4.17.20/4.17.21/' "$WORK/media/plan-amd64.json" >"$WORK/plan"
cp "$WORK/plan" "$WORK/media/plan-amd64.json"
verify 4 -o json "dir:$WORK/media"
found plan-amd64.json digest ""
found plan-amd64.json plan "4.17.21"
afresh
verify 4 -o json --media-keyring "$WORLD/update-key.asc" "dir:$WORK/media"
found oc-hop.json.sig media-signature ""
grep -q '"media_signature_checked": true' "$WORK/out" || fail "the signature was not asked for"
KEY=()
verify 4 -o json "dir:$WORK/media"
grep -q '"media_signature_checked": false' "$WORK/out" || fail "nobody asked for the signature"
found "" signature "4.18.12 (amd64) payload"
verify 0 --insecure-skip-signatures "dir:$WORK/media"
says out "SKIPPED"
says err "SIGNATURES ARE NOT CHECKED"
KEY=(--keyring "$WORLD/update-key.asc")

# rewrite SCRIPT: changes oc-hop.json, and brings SHA256SUMS up to date as whoever alters
# media would.
rewrite() {
    python3 - "$WORK/media" "$1" <<'PY'
import hashlib, json, sys
root, script = sys.argv[1:]
path = root + "/oc-hop.json"
media = json.load(open(path))
exec(script)
text = json.dumps(media, indent=2).encode() + b"\n"
open(path, "wb").write(text)
sums = open(root + "/SHA256SUMS").read().splitlines()
sums = [hashlib.sha256(text).hexdigest() + "  oc-hop.json" if l.endswith("  oc-hop.json") else l for l in sums]
open(root + "/SHA256SUMS", "w").write("\n".join(sums) + "\n")
PY
}

# An inventory that does not match the payloads.
rewrite 'next(i for i in media["images"] if i["name"] == "etcd" and i["release"] == "4.18.9")["destinations"][0]["tag"] = "4.18.9-x86_64-xtcd"'
verify 4 -o json "dir:$WORK/media"
found oc-hop.json document "4.18.9 (amd64) etcd"
afresh
rewrite 'media["images"] = [i for i in media["images"] if i["name"] != "console"]'
verify 4 -o json "dir:$WORK/media"
found oc-hop.json document "console"
afresh
rewrite 'r = media["releases"]; r[1]["digest"], r[2]["digest"], r[1]["source"], r[2]["source"] = r[2]["digest"], r[1]["digest"], r[2]["source"], r[1]["source"]'
verify 4 -o json "dir:$WORK/media"
found "" payload "4.18.9 (amd64) payload"
found "" payload "4.17.24 (amd64) payload"

# A document of a later program is refused with a sentence.
afresh
rewrite 'media["schema"] = "oc-hop/media/v2"'
verify 4 "dir:$WORK/media"
says err "oc-hop/media/v2"
says err "newer"

# What an update service would not offer: the channel lost the target, or blocks the hop.
afresh
mkdir "$WORK/data"
tar -C "$WORK/data" -xf "$WORK/media/graph-data.tar.gz"
channel=$(find "$WORK/data" -name stable-4.18.yaml)
grep -v '4\.18\.12' "$channel" >"$WORK/channel"
cp "$WORK/channel" "$channel"
tar -C "$WORK/data" -czf "$WORK/media/graph-data.tar.gz" .
python3 - "$WORK/media" <<'PY'
import hashlib, json, os, sys
root = sys.argv[1]
media = json.load(open(root + "/oc-hop.json"))
for f in media["files"]:
    if f["path"] == "graph-data.tar.gz":
        data = open(root + "/" + f["path"], "rb").read()
        f["sizeBytes"], f["sha256"] = len(data), hashlib.sha256(data).hexdigest()
open(root + "/oc-hop.json", "w").write(json.dumps(media, indent=2) + "\n")
PY
verify 4 -o json "dir:$WORK/media"
found "" osus "4.18.12 (amd64) from 4.18.9"
found graph-data.tar.gz graph-data ""
says out "it is not what was mirrored for the plan"

# Links, devices and pipes in the place of files are refused, never followed.
afresh
cp "$WORK/media/$layer" "$WORK/outside"
ln -sf "$WORK/outside" "$WORK/media/$layer"
verify 4 "dir:$WORK/media"
says err "symbolic link"
afresh
rm "$WORK/media/plan-amd64.json"
mkfifo "$WORK/media/plan-amd64.json"
verify 4 "dir:$WORK/media"
says err "a device, pipe or socket"
afresh
mv "$WORK/media/blobs" "$WORK/blobs-elsewhere"
ln -s "$WORK/blobs-elsewhere" "$WORK/media/blobs"
verify 4 "dir:$WORK/media"
says err "blobs"

# Parts make a blob; a part that is missing is found.
afresh
rm -r "$WORK/blobs-elsewhere"
split --bytes=100K --numeric-suffixes --suffix-length=6 "$WORK/media/$layer" "$WORK/media/$layer."
rm "$WORK/media/$layer"
verify 0 "dir:$WORK/media"
rm "$WORK/media/$layer.000001"
verify 4 -o json "dir:$WORK/media"
found "$layer" digest "4.18.12 (amd64) hyperkube"

# Media in two directories is one.
afresh
mkdir -p "$WORK/second/blobs"
mv "$WORK/media/blobs/sha256" "$WORK/second/blobs/"
verify 4 "dir:$WORK/media"
verify 0 "dir:$WORK/media" "dir:$WORK/second"

# What is no media at all.
mkdir "$WORK/empty"
verify 4 "dir:$WORK/empty"
says err "oc-hop.json"
verify 4 -o json "dir:$WORK/empty"
python3 - "$WORK/out" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["schema"] == "oc-hop/verify/v1" and report["exit_code"] == 4, report
assert "oc-hop.json" in report["error"]["text"] and report["findings"] == [], report
assert report["media_signature_checked"] is False, report
PY

# What was mistyped.
touch "$WORK/empty/oc-hop.001.tar"
verify 2 "dir:$WORK/nosuch"
says err "there is no such directory"
verify 2 -o json "dir:$WORK/empty/oc-hop.001.tar/x"
grep -q '"exit_code": 2' "$WORK/out" || fail "there is no report"
verify 2 "dir:$WORK/empty/oc-hop.001.tar"
says err "it is no directory"
says err "name the directory that the volume is in"
verify 2 "$WORK/media"
says err "hint: dir:$WORK/media"
verify 2 "dir:"
verify 2 -o json "media"
[ ! -s "$WORK/out" ] || fail "a report of a run that has not begun"
verify 2 "dir:$WORK/media" --deep
verify 2
