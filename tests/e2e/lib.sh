# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What every end-to-end test needs: a work directory that goes away, registries on free
# loopback ports that stop with the test, and a few questions about them. Source it first:
#
#     . "$(dirname "$0")/lib.sh"
#     need docker-registry skopeo
#     start_registry source "$WORLD/registry"      # then $source_host is HOST:PORT
#     start_registry mirror "$WORK/mirror"
#     run 0 "$OC_HOP" mirror "${TRUST[@]}" … "docker://$mirror_host"
#
# From outside: OC_HOP (the binary), HOP_WORLD_BIN (hop-world) or HOP_WORLD (a directory
# that it made; it is only read), HOP_LONG=1 for the full numbers. A test that wants another
# world unsets HOP_WORLD and says with world_flags=(…) what hop-world is to make.

set -euo pipefail
export LC_ALL=C

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SEED=${HOP_SEED:-1}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/oc-hop-test.XXXXXX")
declare -A PIDS=()

cleanup() {
    local status=$? name
    trap - EXIT
    for name in "${!PIDS[@]}"; do
        stop "$name"
    done
    rm -rf "$WORK"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# A missing tool skips the test (77, as ctest knows it), it never passes it.
need() {
    local tool
    for tool; do
        if ! command -v "$tool" >/dev/null; then
            printf 'skipped: %s is not installed\n' "$tool"
            exit 77
        fi
    done
}

# ---- processes ----

# stop NAME: ends what start_… began, and waits for it.
stop() {
    local pid=${PIDS[$1]}
    unset "PIDS[$1]"
    if kill "$pid" 2>/dev/null; then
        wait "$pid" 2>/dev/null || : "a process that was told to end does not end with 0"
    fi
}

# wait_for SECONDS COMMAND…: until the command succeeds; fails when the time is over.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.02
    done
}

process_lives() {
    kill -0 "$1" 2>/dev/null
}

# run CODE COMMAND…: the command must end with CODE. Its output is in $WORK/out and
# $WORK/err.
run() {
    local want=$1 got=0
    shift
    "$@" >"$WORK/out" 2>"$WORK/err" || got=$?
    if [ "$got" != "$want" ]; then
        printf -- '--- %s\n--- stdout:\n' "$*" >&2
        tail -n 40 "$WORK/out" >&2
        printf -- '--- stderr:\n' >&2
        tail -n 40 "$WORK/err" >&2
        fail "exit code $got instead of $want"
    fi
}

# kill_after MS COMMAND…: SIGKILL after so many milliseconds, if it still runs then. Sets
# $ended to what it ended with (137: it was killed). Its output is in $WORK/out and $WORK/err.
kill_after() {
    local wait_ms=$1 pid
    shift
    "$@" >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
    ended=0
    kill -KILL "$pid" 2>/dev/null || : "it has ended"
    wait "$pid" 2>/dev/null || ended=$?
}

# says out|err TEXT: the last run must have printed the text.
says() {
    if ! grep -qF -- "$2" "$WORK/$1"; then
        tail -n 40 "$WORK/$1" >&2
        fail "std$1 does not say: $2"
    fi
}

# ---- registries ----

registry_address() {
    sed -n 's/.*msg="listening on \([0-9.:]*\).*/\1/p' "$1" | head -n 1
}

registry_is_up() {
    [ -n "$(registry_address "$1")" ] || ! process_lives "$2"
}

# start_registry NAME ROOT [tls] [htpasswd] …: sets NAME_host. The log, requests included, is
# $WORK/NAME.log. tls takes $WORK/server.pem and .key (see make_ca); client-tls
# demands a certificate of $WORK/ca.pem from its clients, too; htpasswd knows the
# user "user" with the password "secret"; token=REALM takes tokens signed by
# $WORK/token.pem (see token_service.py); redirect=URL sends readers of blobs there (see
# blob_store.py).
start_registry() {
    local name=$1 root=$2 config=$WORK/$1.yaml log=$WORK/$1.log option
    shift 2
    mkdir -p "$root"
    : >"$log"
    {
        printf 'version: 0.1\nlog: {level: info, formatter: text}\n'
        printf 'storage:\n  filesystem: {rootdirectory: "%s"}\n' "$root"
        printf '  maintenance: {uploadpurging: {enabled: false}}\n'
        for option; do
            [[ $option != redirect=* ]] || printf 'middleware:\n  storage: [{name: redirect, options: {baseurl: "%s"}}]\n' "${option#*=}"
        done
        printf 'http:\n  addr: 127.0.0.1:0\n  secret: not-a-secret\n'
        for option; do
            case $option in
            tls)
                printf '  tls: {certificate: "%s", key: "%s"}\n' "$WORK/server.pem" "$WORK/server.key"
                ;;
            client-tls)
                printf '  tls: {certificate: "%s", key: "%s", clientcas: ["%s"]}\n' "$WORK/server.pem" \
                    "$WORK/server.key" "$WORK/ca.pem"
                ;;
            htpasswd)
                # shellcheck disable=SC2016
                printf '%s\n' 'user:$2b$05$HOPHOPHOPHOPHOPHOPHOPe0/YiG7sMvOAcZ/UdcuuuMN3PvXIAfn2' >"$WORK/$name.htpasswd"
                printf 'auth:\n  htpasswd: {realm: test, path: "%s"}\n' "$WORK/$name.htpasswd"
                ;;
            token=*)
                printf 'auth:\n  token: {realm: "%s", service: test, issuer: test, rootcertbundle: "%s"}\n' "${option#*=}" "$WORK/token.pem"
                ;;
            redirect=*) ;;
            *) fail "start_registry: unknown option $option" ;;
            esac
        done
    } >"$config"
    docker-registry serve "$config" >"$log" 2>&1 &
    PIDS[$name]=$!
    wait_for 20 registry_is_up "$log" "${PIDS[$name]}" || fail "registry $name does not start"
    process_lives "${PIDS[$name]}" || fail "registry $name ends at once: $(tail -n 3 "$log")"
    printf -v "${name}_host" '%s' "$(registry_address "$log")"
}

proxy_is_up() {
    grep -q 'listening on' "$1" || ! process_lives "$2"
}

# start_proxy NAME UPSTREAM [ARGUMENT…]: the misbehaving proxy of faults/proxy.py; sets
# NAME_host. Its log is $WORK/NAME.log.
start_proxy() {
    local name=$1 upstream=$2
    shift 2
    : >"$WORK/$name.out"
    python3 "$HERE/faults/proxy.py" --upstream "$upstream" --log "$WORK/$name.log" \
        --seed "$SEED" "$@" >"$WORK/$name.out" 2>&1 &
    PIDS[$name]=$!
    wait_for 20 proxy_is_up "$WORK/$name.out" "${PIDS[$name]}" || fail "proxy $name does not start"
    process_lives "${PIDS[$name]}" || fail "proxy $name ends at once: $(tail -n 3 "$WORK/$name.out")"
    printf -v "${name}_host" '%s' "$(sed -n 's/.*listening on //p' "$WORK/$name.out" | head -n 1)"
}

# start_service NAME PROGRAM [ARGUMENT…]: a Python program of this directory that prints
# where it listens; sets NAME_host. Its log is $WORK/NAME.log.
start_service() {
    local name=$1 program=$2
    shift 2
    : >"$WORK/$name.out"
    python3 "$HERE/$program" --log "$WORK/$name.log" "$@" >"$WORK/$name.out" 2>&1 &
    PIDS[$name]=$!
    wait_for 20 proxy_is_up "$WORK/$name.out" "${PIDS[$name]}" || fail "$name does not start"
    process_lives "${PIDS[$name]}" || fail "$name ends at once: $(tail -n 3 "$WORK/$name.out")"
    printf -v "${name}_host" '%s' "$(sed -n 's/.*listening on //p' "$WORK/$name.out" | head -n 1)"
}

# proxied NAME REGEX: lines in a proxy's log.
proxied() {
    grep -cE "$2" "$WORK/$1.log" || [ $? = 1 ]
}

# count NAME REGEX: requests in a registry's log, as in: count mirror 'PUT .*/manifests/'
count() {
    grep -cE "\"$2" "$WORK/$1.log" || [ $? = 1 ]
}

# Forgets the requests so far. The registry appends, so its log can be emptied under it.
forget() {
    sed -n '/msg="listening on/p' "$WORK/$1.log" >"$WORK/$1.kept"
    cat "$WORK/$1.kept" >"$WORK/$1.log"
}

# raw_digest REF: sha256 of the manifest's own bytes, read by skopeo.
raw_digest() {
    skopeo inspect --raw --tls-verify=false "docker://$1" | sha256sum | sed 's/^/sha256:/; s/ .*//'
}

# list_tags HOST/REPO: one a line, sorted.
list_tags() {
    skopeo list-tags --tls-verify=false "docker://$1" |
        python3 -c 'import json,sys; print("\n".join(sorted(json.load(sys.stdin)["Tags"])))'
}

# write_idms HOST:PORT FILE: the world's images are at that registry, and nowhere else.
write_idms() {
    sed "s/SOURCE_HOST/$1/" "$WORLD/idms.yaml" >"$2"
}

# ---- the world ----

if [ -n "${HOP_WORLD:-}" ]; then
    WORLD=$HOP_WORLD
else
    WORLD=$WORK/world
    # shellcheck disable=SC2154
    "${HOP_WORLD_BIN:?names the program hop-world}" ${world_flags[@]+"${world_flags[@]}"} "$WORLD"
fi
GRAPHS=(--graph "stable-4.17=$WORLD/graphs/stable-4.17.json" --graph "stable-4.18=$WORLD/graphs/stable-4.18.json")
DATA=(--graph-data "$WORLD/graph-data.tar.gz")
TRUST=(--keyring "$WORLD/update-key.asc" --signature-store "$WORLD/signatures")
RISK=SlowStartAfterUpdate
PATH_FLAGS=(--from 4.17.20 --to 4.18.12 --accept-risk "$RISK")

# check_mirror HOST ARGUMENT…: compares a registry with the world (see check_mirror.py).
check_mirror() {
    local host=$1
    shift
    python3 "$HERE/check_mirror.py" --expected "$WORLD/expected.json" --host "$host" "$@"
}

# start_slow_source SECONDS: the world's registry as $source_host, and as $slow_host with a
# pause before each blob; $WORK/idms.yaml and slow.yaml lead there.
start_slow_source() {
    start_registry source "$WORLD/registry"
    start_proxy slow "$source_host" --fault "GET /blobs/ stall=$1"
    write_idms "$source_host" "$WORK/idms.yaml"
    # shellcheck disable=SC2154
    write_idms "$slow_host" "$WORK/slow.yaml"
}

# fresh_mirror: a registry with nothing in it; $mirror_host, $target, its files in
# $mirror_root.
mirrors=0
fresh_mirror() {
    [ -z "${PIDS[mirror]:-}" ] || stop mirror
    mirrors=$((mirrors + 1))
    mirror_root=$WORK/mirror$mirrors
    start_registry mirror "$mirror_root"
    # shellcheck disable=SC2034
    target=docker://$mirror_host
}

nothing_was_written() {
    [ "$(count mirror '(PUT|PATCH) ')" = 0 ] || fail "something was written: $1"
}

# make_ca: $WORK/ca.pem, and $WORK/server.{pem,key} for 127.0.0.1, localhost and *.site.test.
make_ca() {
    (
        cd "$WORK"
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=test authority" \
            -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" -keyout server.key -out server.csr
        printf 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:*.site.test\n' >server.ext
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -extfile server.ext -out server.pem
    ) >"$WORK/openssl.log" 2>&1 || fail "openssl: $(tail -n 5 "$WORK/openssl.log")"
}
