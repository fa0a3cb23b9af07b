# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# One cell of the scenario matrix: a fault at one side, a mirror of one release through it,
# and what must hold afterwards. Source it after lib.sh.
#
#     cell "a name" 0 src 'GET /blobs/ cut=9000 each1'
#     expect most_bytes 105 most_requests 30 least_retries 5
#
# Each cell says how many bytes and requests it may cost: one that does not fails.
# Words after the exit code: src RULE, dst RULE (faults of proxy.py, the source's and the
# destination's), src+ OPTION and dst+ OPTION (its options), far+ OPTION (of a proxy between
# the destination's and the registry), also HOST (another place of the source, the next to be
# asked), and what oc-hop is given from
# there on, after --; full yes: the destination has everything already. A source without a word stands there without a proxy, so does a
# destination. With exit code 0 the mirror must be whole, as skopeo reads it, too; with
# another one every tag that is there must be right. The proxies' logs are $WORK/from.log
# and $WORK/to.log, oc-hop's JSON is $WORK/out.

CELL=none
CELLS=0
BOUNDED=1
only=(--release 4.17.24/amd64)
CALL=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data -o json
    --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --progress none -v -v)

# measure: "BYTES READ SENT REQUESTS RETRIES" of the last run: bytes of blobs as oc-hop counted
# them, as the source gave them (to a proxy that was cut short, more than came), and as a
# proxy took them; requests as oc-hop counted them or as they arrived, whatever is more.
measure() {
    python3 - "$WORK" "${PIDS[from]:+from}" "${PIDS[to]:+to}" <<'PY'
import json, re, sys
work, source, destination = sys.argv[1], sys.argv[2], sys.argv[3]
try:
    told = json.load(open(f"{work}/out"))["totals"]
except (ValueError, KeyError):
    told = {"source_bytes": 0, "requests": 0, "retries": 0}
def seen_by(proxy, registry):
    """METHOD PATH STATUS BYTES SENT ACTION of each request"""
    if proxy:
        return [line.split() for line in open(f"{work}/{proxy}.log")]
    return [[*found, "0", "-"] for found in re.findall(r'"([A-Z]+) (/v2/[^ "]*) HTTP/1.1" (\d+) (\d+)',
                                                       open(f"{work}/{registry}.log").read())]
read, written = seen_by(source, "source"), seen_by(destination, "mirror")
came = sum(int(r[3]) for r in read if r[0] == "GET" and "/blobs/" in r[1])
sent = sum(int(r[4]) for r in written if "/blobs/uploads/" in r[1])
print(told["source_bytes"], came, sent, max(len(read) + len(written), told["requests"]), told["retries"])
PY
}

# Every cell before this one was bounded.
all_are_bounded() {
    [ "$BOUNDED" = 1 ] || fail "cell $CELL: nothing is said of its bytes or its requests"
}

# tags_are_right HOST: no tag leads to another manifest than the world's.
tags_are_right() {
    python3 - "$WORLD/expected.json" "$1" "$HERE" <<'PY'
import json, sys
sys.path.insert(0, sys.argv[3])
from check_mirror import COMPONENTS, PAYLOADS, Registry, digest_of
registry, bad = Registry(sys.argv[2], None, None), []
known = {i["digest"] for i in json.load(open(sys.argv[1]))["images"]}
for repository in COMPONENTS, PAYLOADS:
    for tag in registry.tags(repository):
        body, _ = registry.manifest(repository, tag)
        if not tag.endswith(".sig") and (body is None or digest_of(body) not in known):
            bad.append(f"{repository}:{tag}")
if bad:
    sys.exit(f"wrong manifests at {bad}")
PY
}

cell() {
    all_are_bounded
    CELL=$1
    BOUNDED=0
    local code=$2 name source destination also='' full='' from=() to=() far=() flags=()
    shift 2
    while [ $# -gt 0 ]; do
        case $1 in
        src) from+=(--fault "$2") ;;
        dst) to+=(--fault "$2") ;;
        # shellcheck disable=SC2206
        src+) from+=($2) ;;
        # shellcheck disable=SC2206
        dst+) to+=($2) ;;
        # shellcheck disable=SC2206
        far+) far+=($2) ;;
        also) also=$2 ;;
        full) full=$2 ;;
        --)
            shift
            flags=("$@")
            break
            ;;
        *) fail "cell $CELL: what is $1?" ;;
        esac
        shift 2
    done
    for name in mirror from to far; do
        [ -z "${PIDS[$name]:-}" ] || stop "$name"
    done
    rm -rf "$WORK/mirror"
    start_registry mirror "$WORK/mirror"
    if [ -n "$full" ]; then
        write_idms "$source_host" "$WORK/idms.yaml"
        run 0 "${CALL[@]}" "docker://$mirror_host"
    fi
    forget source
    source=$source_host
    # shellcheck disable=SC2154
    destination=$mirror_host
    if [ ${#from[@]} -gt 0 ]; then
        start_proxy from "$source_host" "${from[@]}"
        # shellcheck disable=SC2154
        source=$from_host
    fi
    if [ ${#far[@]} -gt 0 ]; then
        start_proxy far "$mirror_host" "${far[@]}"
        # shellcheck disable=SC2154
        destination=$far_host
    fi
    if [ ${#to[@]} -gt 0 ]; then
        start_proxy to "$destination" "${to[@]}"
        # shellcheck disable=SC2154
        destination=$to_host
    fi
    write_idms "$source" "$WORK/idms.yaml"
    [ -z "$also" ] || sed -i "s#^\( *- \)$source\(/.*\)#&\n\1$also\2#" "$WORK/idms.yaml"
    MIRROR=("${CALL[@]}" "${flags[@]}" "docker://$destination")
    CELLS=$((CELLS + 1))
    printf '%s s: %s\n' "$SECONDS" "$CELL"
    run "$code" "${MIRROR[@]}"
    NUMBERS=$(measure)
    if [ "$code" = 0 ]; then
        check_mirror "$mirror_host" --skopeo "${only[@]}" >/dev/null || fail "cell $CELL"
    else
        tags_are_right "$mirror_host" || fail "cell $CELL"
    fi
    # Nobody who does not say "100 Continue" is waited for.
    for name in from to far; do
        [ -z "${PIDS[$name]:-}" ] || never "$name" '^EXPECT '
    done
    # Whatever passed, -v -v must not tell it.
    if grep -qiE 's3cr3t|bearer token-|authorization:' "$WORK/out" "$WORK/err"; then
        fail "cell $CELL: a secret is in the output"
    fi
}

# What a run without a fault costs; cells are held against it. Blobs are mounted where they
# can be, and sent where not.
measure_clean() {
    cell "no fault" 0
    read -r CLEAN_BYTES _ _ CLEAN_REQUESTS _ <<<"$NUMBERS"
    [ "$(count mirror 'POST [^ ]*mount=[^"]*" 201')" -ge 5 ] || fail "nothing was mounted"
    [ "$(count mirror 'POST [^ ]*mount=[^"]*" 202')" -ge 20 ] || fail "every blob was mounted"
    expect most_bytes 100 most_read 100 most_requests 0 most_retries 0
}

# expect WORD N…: most_bytes, most_read, most_sent (percent of the bytes of a clean run),
# most_requests, least_requests (more than a clean run), least_retries, most_retries
expect() {
    local bytes read sent requests retries words=$*
    read -r bytes read sent requests retries <<<"$NUMBERS"
    while [ $# -gt 0 ]; do
        case $1 in
        most_bytes) [ $((bytes * 100)) -le $((CLEAN_BYTES * $2)) ] ;;
        most_read) [ $((read * 100)) -le $((CLEAN_BYTES * $2)) ] ;;
        most_sent) [ $((sent * 100)) -le $((CLEAN_BYTES * $2)) ] ;;
        most_requests) [ "$requests" -le $((CLEAN_REQUESTS + $2)) ] ;;
        least_requests) [ "$requests" -ge $((CLEAN_REQUESTS + $2)) ] ;;
        least_retries) [ "$retries" -ge "$2" ] ;;
        most_retries) [ "$retries" -le "$2" ] ;;
        *) fail "expect: what is $1?" ;;
        esac || fail "cell $CELL: $1 $2, but $bytes bytes came, $read were given and $sent went (clean:" \
            "$CLEAN_BYTES), $requests requests (clean: $CLEAN_REQUESTS), $retries retries"
        shift 2
    done
    if [[ $words == *most_bytes* && $words == *most_requests* ]]; then
        BOUNDED=1
    fi
}

# met from|to N REGEX: lines of the proxy's log, at least N
met() {
    local n
    n=$(proxied "$1" "$3")
    [ "$n" -ge "$2" ] || fail "cell $CELL: $n instead of $2 requests are like $3"
}

# never from|to REGEX
never() {
    local n
    n=$(proxied "$1" "$2")
    [ "$n" = 0 ] || fail "cell $CELL: $n requests are like $2: $(grep -E "$2" "$WORK/$1.log" | head -n 2)"
}

# end_cells: says how many there were; the last one was bounded, too.
end_cells() {
    all_are_bounded
    printf '%s cells\n' "$CELLS"
}
