#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A registry and a token service that go away in the middle of a run: they are waited for
# longer than for one request that fails, and not for ever. Who was never there is not.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3 openssl

AWAY_S=45

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=token service" -keyout "$WORK/token.key" \
    -out "$WORK/token.pem" 2>"$WORK/openssl.log" || fail "openssl: $(tail -n 5 "$WORK/openssl.log")"
service=(token_service.py --cert "$WORK/token.pem" --key "$WORK/token.key" --lifetime 5)
start_service tokens "${service[@]}"
# shellcheck disable=SC2154
start_registry source "$WORLD/registry" "token=http://$tokens_host/token"
# shellcheck disable=SC2154
start_proxy slow "$source_host" --fault 'GET art-dev/blobs/ rate=80000'
# shellcheck disable=SC2154
write_idms "$slow_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data --idms-file "$WORK/idms.yaml"
    --resources "$WORK/resources" --progress none -v -v)

# begin ARGUMENT…: a run; its process is $pid
begin() {
    "${mirror[@]}" "$@" "docker://$mirror_host" >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    PIDS[run]=$pid
    began=$SECONDS
}
bytes_flow() {
    [ "$(count mirror 'PUT [^ ]*/blobs/uploads/')" -ge 2 ]
}
# ended PATTERN: of exit codes
ended() {
    local got=0
    wait "$pid" || got=$?
    unset 'PIDS[run]'
    # shellcheck disable=SC2053
    [[ $got = $1 ]] || fail "exit code $got instead of $1: $(tail -n 5 "$WORK/err")"
    took=$((SECONDS - began))
}
# come_back NAME: the registry as it was, at the same port
come_back() {
    local host=$1_host
    sed -i "s/addr: 127.0.0.1:0/addr: ${!host}/" "$WORK/$1.yaml"
    docker-registry serve "$WORK/$1.yaml" >"$WORK/$1.back" 2>&1 &
    PIDS[$1]=$!
}

# Both are away at the same time: the destination, and who gives tokens for the source.
fresh_mirror
begin
wait_for 60 bytes_flow || fail "no blob is on its way: $(tail -n 3 "$WORK/err")"
stop mirror
stop tokens
sleep "$AWAY_S"
process_lives "$pid" || fail "the run did not wait: $(tail -n 5 "$WORK/err")"
come_back mirror
start_service tokens "${service[@]}" --port "${tokens_host#*:}"
ended 0
says err "warning: $mirror_host is not to be had: it is tried again, for 300 seconds at most"
check_mirror "$mirror_host" --skopeo --release 4.17.24/amd64 >/dev/null

# Not for ever.
fresh_mirror
begin --outage-timeout 4
wait_for 60 bytes_flow || fail "no blob is on its way: $(tail -n 3 "$WORK/err")"
stop mirror
went=$SECONDS
ended '[58]'
[ $((SECONDS - went)) -le 20 ] || fail "a host that is away was waited for $((SECONDS - went)) seconds"

# Who was never there is given up soon.
mirror_host=127.0.0.1:1
begin
ended 5
[ "$took" -le 20 ] || fail "a host that was never there was waited for $took seconds"
