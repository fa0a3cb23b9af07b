#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C: the first one lets end what nearly has, the second one waits for nothing. Either
# way the next run goes on.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
path=(--release 4.17.24/amd64)

# begin RULE…: a run through a source with these faults; its process is $pid
begin() {
    local rule rules=()
    for rule; do
        rules+=(--fault "$rule")
    done
    # shellcheck disable=SC2154
    start_proxy slow "$source_host" "${rules[@]}"
    # shellcheck disable=SC2154
    write_idms "$slow_host" "$WORK/idms.yaml"
    mirror=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data --idms-file "$WORK/idms.yaml"
        --resources "$WORK/resources" --progress none -v -v)
    # shellcheck disable=SC2154
    "${mirror[@]}" "docker://$mirror_host" >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    PIDS[run]=$pid
}

said() {
    grep -q "$1" "$WORK/err"
}
blobs_flow() {
    [ "$(proxied slow "^GET .*/blobs/.* hang$")" -ge 3 ]
}

# hang N: so many requests are not answered
hang() {
    [ "$(proxied deaf ' hang$')" -ge "$1" ]
}

# ended CODE
ended() {
    local got=0
    wait "$pid" || got=$?
    unset 'PIDS[run]'
    [ "$got" = "$1" ] || fail "exit code $got instead of $1: $(tail -n 3 "$WORK/err")"
    stop slow
}

# A credential helper that waits for somebody is not waited for.
mkdir "$WORK/bin"
printf '#!/bin/sh\necho asked >>"%s"\nexec sleep 25\n' "$WORK/helper.log" >"$WORK/bin/docker-credential-slow"
chmod +x "$WORK/bin/docker-credential-slow"
start_registry locked "$WORK/locked" htpasswd
# shellcheck disable=SC2154
printf '{"credHelpers":{"%s":"slow"}}' "$locked_host" >"$WORK/helpers.json"
write_idms "$source_host" "$WORK/idms.yaml"
PATH=$WORK/bin:$PATH "$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data --idms-file "$WORK/idms.yaml" \
    --resources "$WORK/resources" --progress none --dest-authfile "$WORK/helpers.json" "docker://$locked_host" >"$WORK/out" 2>"$WORK/err" &
PIDS[run]=$!
wait_for 60 [ -s "$WORK/helper.log" ] || fail "no helper was asked"
kill -INT "${PIDS[run]}"
asked_ms=$(date +%s%3N)
got=0
wait "${PIDS[run]}" || got=$?
unset 'PIDS[run]'
took_ms=$(($(date +%s%3N) - asked_ms))
[ "$got" = 130 ] || fail "exit code $got instead of 130: $(tail -n 3 "$WORK/err")"
[ "$took_ms" -lt 5000 ] || fail "the run ended $took_ms ms after the signal"

# Neither is a mirror that has never said a word, nor one that does not say whether it may be
# written to: nothing was begun there.
start_registry mute "$WORK/mute"
for rule in '1 GET ^/v2/$ hang' '2 POST /blobs/uploads/ hang'; do
    # shellcheck disable=SC2154
    start_proxy deaf "$mute_host" --fault "${rule#* }"
    # shellcheck disable=SC2154
    "$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data --idms-file "$WORK/idms.yaml" \
        --resources "$WORK/resources" --progress none "docker://$deaf_host" >"$WORK/out" 2>"$WORK/err" &
    PIDS[run]=$!
    wait_for 60 hang "${rule%% *}" || fail "$rule: nothing hangs"
    asked=$(proxied deaf '')
    kill -INT "${PIDS[run]}"
    got=0
    wait "${PIDS[run]}" || got=$?
    unset 'PIDS[run]'
    [ "$got" = 130 ] || fail "$rule: exit code $got instead of 130: $(tail -n 3 "$WORK/err")"
    says err "once more stops at once"
    [ "$(proxied deaf '')" = "$asked" ] || fail "$rule: it was asked again"
    stop deaf
done
[ -z "$(find "$WORK/mute" -name data -print -quit)" ] || fail "something arrived"

# Blobs that will never come whole do not keep a run that is asked to stop.
for signal in INT TERM; do
    begin 'GET art-dev/blobs/ hang-body=1000'
    wait_for 60 blobs_flow || fail "no blob is on its way: $(tail -n 3 "$WORK/err")"
    kill -"$signal" "$pid"
    case $signal in
    INT) ended 130 ;;
    TERM) ended 143 ;;
    esac
    says err "once more stops at once"
    says err "hint: run the same command again: it goes on where this run ended"
    # (Debian's registry keeps nothing that could be cancelled of an upload that was cut.)
    [ "$(count mirror 'DELETE [^ ]*/blobs/uploads/')" -ge 4 ] || fail "uploads were not cancelled"
    [ "$(count mirror 'PUT [^ ]*/manifests/4\.17\.24-x86_64 ')" = 0 ] || fail "a release that is not whole was tagged"
done

# What is nearly done is finished: these blobs take a few seconds each.
begin 'GET art-dev/blobs/ rate=400000'
some_came() {
    [ "$(proxied slow '^GET .*art-dev/blobs/.* 200 ')" -ge 2 ]
}
wait_for 60 some_came || fail "no blob comes: $(tail -n 3 "$WORK/err")"
before=$(count mirror 'PUT [^ ]*/blobs/uploads/[^"]*" 201')
kill -INT "$pid"
ended 130
after=$(count mirror 'PUT [^ ]*/blobs/uploads/[^"]*" 201')
[ "$after" -gt "$before" ] || fail "no blob that was on its way was finished"

# The second one does not wait: the mirror itself never answers any more.
start_proxy deaf "$mirror_host" --fault 'PUT /blobs/uploads/ hang' --fault 'DELETE /blobs/ hang'
# shellcheck disable=SC2154
"$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data --idms-file <(write_idms "$source_host" /dev/stdout) \
    --resources "$WORK/resources" --progress none "docker://$deaf_host" >"$WORK/out" 2>"$WORK/err" &
pid=$!
PIDS[run]=$pid
wait_for 60 hang 1 || fail "no upload hangs: $(tail -n 3 "$WORK/err")"
kill -INT "$pid"
wait_for 20 said "once more stops at once" || fail "nothing is said about the second time"
kill -INT "$pid"
got=0
wait "$pid" || got=$?
unset 'PIDS[run]'
[ "$got" = 130 ] || fail "exit code $got instead of 130"
stop deaf

# And the next run ends well.
write_idms "$source_host" "$WORK/idms.yaml"
run 0 "${mirror[@]}" "docker://$mirror_host"
check_mirror "$mirror_host" --skopeo "${path[@]}"
