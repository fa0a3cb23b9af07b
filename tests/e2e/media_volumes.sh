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

# The command takes each volume away; when it fails, that volume is written again.
cat >"$WORK/change-disc" <<SH
#!/bin/sh
echo "insert disc \$2"
[ ! -e "$WORK/jam" ] || [ "\$2" != 3 ] || { rm "$WORK/jam"; exit 1; }
mkdir -p "$WORK/discs" && mv "\$1" "$WORK/discs/\$(printf %03d "\$2").tar"
SH
chmod +x "$WORK/change-disc"
touch "$WORK/jam"
run 1 "${mirror[@]}" --volume-command "$WORK/change-disc" "dir:$WORK/burning"
says err "exit status 1"
[ "$(find "$WORK/discs" -name '*.tar' | wc -l)" = 2 ] || fail "discs: $(ls "$WORK/discs")"
run 0 "${mirror[@]}" -o json --volume-command "$WORK/change-disc" "dir:$WORK/burning"
says err "insert disc 3"
python3 -m json.tool "$WORK/out" >"$WORK/ignored" || fail "the report is no JSON"
[ -z "$(find "$WORK/burning" -name '*.tar')" ] || fail "a volume was not taken away"
check_volumes discs-unpacked "$WORK"/discs/*.tar
