#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What would end a run after hours ends it before the first byte, in one sentence for each
# cause.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml"
    --resources "$WORK/resources" --progress none)

nothing_moved() {
    [ "$(count source 'GET ')" = 0 ] || fail "$1: the source was read"
    [ "$(count mirror '(PUT|PATCH) ')" = 0 ] || fail "$1: something was written"
}

# refused CODE SENTENCE RULE…: through a proxy with these faults
refused() {
    local code=$1 sentence=$2 rule rules=()
    shift 2
    for rule; do
        rules+=(--fault "$rule")
    done
    # shellcheck disable=SC2154
    start_proxy to "$mirror_host" "${rules[@]}"
    # shellcheck disable=SC2154
    run "$code" "${mirror[@]}" "docker://$to_host"
    says err "$sentence"
    [ "$(grep -c '^failed:' "$WORK/err")" = 1 ] || fail "$sentence: more than one failure is shown"
    nothing_moved "$sentence"
    stop to
}

# One repository alone is enough, graph-data's included.
for repository in ocp4/openshift4 ocp4/openshift4-release-images ocp4/graph-data; do
    refused 6 "$repository" "POST /v2/$repository/blobs/uploads/ status=403,code=DENIED"
    says err "403 no"
    says err "hint: the account that is used at"
done
refused 6 'hint: run `podman login' 'POST /blobs/uploads/ status=401,code=UNAUTHORIZED'
says err "ocp4/openshift4, ocp4/openshift4-release-images, ocp4/graph-data"
refused 5 "have to be made at" 'POST /blobs/uploads/ status=404,code=NAME_UNKNOWN'
refused 5 "is read-only" 'POST /blobs/uploads/ status=405'
refused 5 "may want other names" 'POST /blobs/uploads/ status=400,code=NAME_INVALID'

# Nobody is there: said once.
start_registry gone "$WORK/gone"
stop gone
# shellcheck disable=SC2154
run 5 "${mirror[@]}" "docker://$gone_host"
says err "can it be reached from here?"
[ "$(grep -c "$gone_host" "$WORK/err")" -le 4 ] || fail "an unreachable host is said more than once"
nothing_moved "unreachable"

# A passing fault is waited out, and what was opened is cancelled in every repository.
start_proxy to "$mirror_host" --fault 'POST /blobs/uploads/$ status=503 x2' --fault '* /v2/ clock=-900'
run 0 "${mirror[@]}" "docker://$to_host"
for repository in ocp4/openshift4 ocp4/openshift4-release-images ocp4/graph-data; do
    [ "$(proxied to "^DELETE /v2/$repository/blobs/uploads/")" -ge 1 ] || fail "$repository was not tried"
done
# The proxy's clock is a quarter of an hour behind.
says err "warning: the clock of $to_host is 15 minutes behind this machine's"
[ "$(grep -c 'clock of' "$WORK/err")" = 1 ] || fail "the clock is said more than once"
[ -z "$(find "$WORK/mirror" -path '*_uploads/*' -name data)" ] || fail "uploads are left over"
stop to

# A dry run asks the destination nothing.
forget mirror
run 0 "${mirror[@]}" --dry-run "docker://$mirror_host"
[ "$(count mirror '(GET|HEAD|POST|PUT) ')" = 0 ] || fail "a dry run spoke to the mirror"
