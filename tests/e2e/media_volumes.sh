#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Media in volumes of 1 MiB, smaller than many a blob: none is larger, each says what it
# holds, together they are what a directory would be; killed on the way, a rerun goes on;
# a command changes the disc.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

limit=1048576
kills=3
[ -z "${HOP_LONG:-}" ] || kills=30
start_slow_source 0.03
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
common=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --progress none)
mirror=("${common[@]}" --idms-file "$WORK/idms.yaml" --volume-size 1M)

# check_volumes NAME VOLUME…: unpacked to $WORK/NAME they are the media.
check_volumes() {
    local name=$1
    shift
    python3 "$HERE/unpack_volumes.py" "$WORK/$name" "$limit" "$@"
    python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$WORK/$name" "${path[@]}" --skopeo
}

# What stands beside oc-hop.json is the same as in a directory.
forget source
run 0 "${mirror[@]}" "dir:$WORK/volumes"
check_volumes plain "$WORK"/volumes/oc-hop.*.tar
[ "$(find "$WORK/volumes" -name '*.partial')" = "" ] || fail "a partial volume is left"
sed -nE 's/.*"GET [^ ]*\/blobs\/(sha256:[0-9a-f]+) .*/\1/p' "$WORK/source.log" | sort | uniq -d >"$WORK/twice"
[ ! -s "$WORK/twice" ] || fail "fetched twice: $(head -n 3 "$WORK/twice")"
run 0 "${common[@]}" --idms-file "$WORK/idms.yaml" "dir:$WORK/directory"
diff -r -x .oc-hop.lock -x volumes "$WORK/plain" "$WORK/directory" || fail "volumes hold something else than a directory"

# Their space is what they hold, within 2 %.
unique=$(python3 -c 'import json,sys; m=json.load(open(sys.argv[1])); print(sum(i["sizeBytes"] for i in m["blobs"]+m["manifests"]))' "$WORK/directory/oc-hop.json")
used=$(cat "$WORK"/volumes/oc-hop.*.tar | wc -c)
[ "$used" -le $((unique * 102 / 100 + 300000)) ] || fail "$used bytes of volumes for $unique bytes of content"

# A whole set is not written over.
run 2 "${mirror[@]}" "dir:$WORK/volumes"
says err "a whole set of volumes"
run 2 "${mirror[@]}" --volume-size 1k "dir:$WORK/x"
run 2 "${mirror[@]}" --volume-size 1MB "dir:$WORK/x"
run 2 "${mirror[@]}" --recheck "dir:$WORK/x"
run 2 "${common[@]}" --volume-command true "dir:$WORK/x"
# A command that cannot be run is known before the first request.
forget source
for command in no-such-program "$WORK/no-such-program" "$WORK" "cp -t $WORK" ""; do
    run 2 "${mirror[@]}" --volume-command "$command" "dir:$WORK/x"
    says err "there is no such program"
    says err "one program, without arguments"
done
[ ! -e "$WORK/x" ] || fail "something was written"
[ "$(count source 'GET ')" = 0 ] || fail "the source was asked"

# Killed, and run again, until it is done.
RANDOM=$SEED
hit=0
while [ "$hit" -lt "$kills" ]; do
    "${common[@]}" --idms-file "$WORK/slow.yaml" --volume-size 1M "dir:$WORK/killed" >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    # Not before a volume more than last time is done.
    volumes_done() { [ "$(find "$WORK/killed" -name 'oc-hop.*.json' 2>/dev/null | wc -l)" -gt "$hit" ] || ! process_lives "$pid"; }
    wait_for 60 volumes_done || fail "no volume is done"
    sleep "0.$((RANDOM % 30 + 10))"
    ended=0
    kill -KILL "$pid" 2>/dev/null || : "it has ended"
    wait "$pid" 2>/dev/null || ended=$?
    [ "$ended" = 137 ] || fail "the run ended with $ended before it was killed: $(tail -n 3 "$WORK/err")"
    hit=$((hit + 1))
done
run 0 "${mirror[@]}" "dir:$WORK/killed"
check_volumes after-kills "$WORK"/killed/oc-hop.*.tar

# Killed in the middle of one large volume: what is whole in it is kept, and neither fetched
# nor written again, but what the engine reads itself (payloads, and oc for the clients).
python3 - "$WORLD/expected.json" >"$WORK/read-again" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if i["component"] in ("payload", "cli", "cli-artifacts"):
        print("\n".join(i["blobs"]))
PY
# fetched: the digests of blobs that the source was asked for, one a line.
fetched() {
    sed -nE 's/.*"GET [^ ]*\/blobs\/(sha256:[0-9a-f]+) .*/\1/p' "$WORK/source.log" | sort -u
}
forget source
"${common[@]}" --idms-file "$WORK/slow.yaml" --volume-size 64M "dir:$WORK/large" >"$WORK/out" 2>"$WORK/err" &
pid=$!
is_half_way() { [ "$(stat -c %s "$WORK/large/oc-hop.001.tar.partial" 2>/dev/null || echo 0)" -gt 12000000 ] || ! process_lives "$pid"; }
wait_for 60 is_half_way || fail "nothing is written"
ended=0
kill -KILL "$pid"
wait "$pid" 2>/dev/null || ended=$?
[ "$ended" = 137 ] || fail "the run ended with $ended before it was killed: $(tail -n 3 "$WORK/err")"
# A blob is whole when its whole file, or as many bytes in parts, came before the last mark.
python3 - "$WORK/large/oc-hop.001.sums" "$WORLD/expected.json" "$WORK/large/oc-hop.001.tar.partial" >"$WORK/kept" <<'PY'
import collections, json, sys, tarfile
blobs = {}
for i in json.load(open(sys.argv[2]))["images"]:
    blobs.update(i["blobs"])
lines = open(sys.argv[1]).read().split("\n")
sure = {line.split("  ")[1] for line in lines[:max(k for k, line in enumerate(lines) if line == "whole")] if line != "whole"}
sizes = collections.Counter()
try:
    for m in tarfile.open(sys.argv[3]):
        if m.name in sure:
            sizes["sha256:" + m.name.split("/")[-1].split(".")[0]] += m.size
except tarfile.ReadError:
    pass
whole = [d for d in sizes if sizes[d] == blobs.get(d)]
assert len(whole) > 20, len(whole)
print("\n".join(sorted(whole)))
PY
sum_of() { head -c "$1" "$2" | sha256sum; }
head_sum=$(sum_of 8000000 "$WORK/large/oc-hop.001.tar.partial")
sleep 0.5 # the source's log is written late
forget source
run 0 "${common[@]}" --idms-file "$WORK/idms.yaml" --volume-size 64M "dir:$WORK/large"
fetched | grep -vxFf "$WORK/read-again" >"$WORK/asked" || [ $? = 1 ]
grep -xFf "$WORK/kept" "$WORK/asked" >"$WORK/twice" || [ $? = 1 ]
[ ! -s "$WORK/twice" ] || fail "fetched again: $(wc -l <"$WORK/twice") of $(wc -l <"$WORK/kept")"
[ "$(sum_of 8000000 "$WORK/large/oc-hop.001.tar")" = "$head_sum" ] || fail "the volume was written anew"
[ "$(find "$WORK/large" -name '*.sums' -o -name '*.partial')" = "" ] || fail "something is left beside the volume"
limit=$((64 << 20)) check_volumes large-unpacked "$WORK"/large/oc-hop.*.tar

# The command takes each volume away; when it fails, that volume is kept, and the next run
# begins with the command. So it is with the last.
cat >"$WORK/change-disc" <<SH
#!/bin/sh
echo "insert disc \$2"
what=\$2
! tar -xOf "\$1" "\$(printf volumes/oc-hop.%03d.json "\$2")" | grep '"last": true' >"$WORK/ignored" || what=last
[ ! -e "$WORK/jam-\$what" ] || { rm "$WORK/jam-\$what"; exit 1; }
mkdir -p "$WORK/discs" && mv "\$1" "$WORK/discs/\$(printf %03d "\$2").tar"
SH
chmod +x "$WORK/change-disc"
touch "$WORK/jam-3" "$WORK/jam-last"
burn=("${mirror[@]}" -o json --volume-command "$WORK/change-disc" "dir:$WORK/burning")
forget source
run 1 "${burn[@]}"
says err "exit status 1"
says err "the volume is kept"
[ "$(find "$WORK/discs" -name '*.tar' | wc -l)" = 2 ] || fail "discs: $(ls "$WORK/discs")"
cp "$WORK/burning/oc-hop.003.tar" "$WORK/third"
forget source
run 1 "${burn[@]}"
last=$(find "$WORK/burning" -name '*.tar' | sed 's/.*hop\.//; s/\.tar//')
says err "volume $((10#$last))"
cmp "$WORK/third" "$WORK/discs/003.tar" || fail "volume 3 was written anew"
cp "$WORK/burning/oc-hop.$last.tar" "$WORK/last"
forget source
run 0 "${burn[@]}"
cmp "$WORK/last" "$WORK/discs/$last.tar" || fail "the last volume was written anew"
fetched | grep -vxFf "$WORK/read-again" >"$WORK/asked" || [ $? = 1 ]
[ ! -s "$WORK/asked" ] || fail "the last volume was fetched anew: $(head -n 3 "$WORK/asked")"
says err "insert disc $((10#$last))"
python3 -m json.tool "$WORK/out" >"$WORK/ignored" || fail "the report is no JSON"
[ -z "$(find "$WORK/burning" -name '*.tar*' -o -name '*.sums')" ] || fail "a volume was not taken away"
check_volumes discs-unpacked "$WORK"/discs/*.tar
run 2 "${burn[@]}"
says err "a whole set of volumes"
