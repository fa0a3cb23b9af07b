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

# The source's side: components come from a repository of their own there, which nobody may
# read. The payload is read, and nothing more.
components=/openshift-release-dev/ocp-v4.0-art-dev
# nothing_written WHAT: not one byte of content went to the mirror
nothing_written() {
    [ "$(count mirror '(PUT|PATCH) ')" = 0 ] || fail "$1: something was written"
    [ "$(count mirror 'POST ')" = "$(count mirror 'DELETE [^ ]*/blobs/uploads/')" ] || fail "$1: an upload was begun"
    [ -z "$(find "$WORK/mirror" -name data -print -quit)" ] || fail "$1: something arrived"
}
# unreadable CODE SENTENCE REQUESTS RULE…: through a source with these faults, of which so
# many requests for components are met; then the same as a dry run and for media
unreadable() {
    local code=$1 sentence=$2 requests=$3 rule rules=() to
    shift 3
    for rule; do
        rules+=(--fault "$rule")
    done
    # shellcheck disable=SC2154
    for to in "docker://$mirror_host --resources $WORK/resources" "docker://$mirror_host --dry-run" "dir:$WORK/media"; do
        forget mirror
        start_proxy from "$source_host" "${rules[@]}"
        # shellcheck disable=SC2154
        write_idms "$from_host" "$WORK/from.yaml"
        # shellcheck disable=SC2086
        run "$code" "${path[@]}" --idms-file "$WORK/from.yaml" $to
        says err "$sentence"
        says err "error: make sure that quay.io$components can be read at $from_host$components"
        [ "$(grep -c '^failed:' "$WORK/err")" = 1 ] || fail "$sentence: more than one failure is shown"
        [ "$(proxied from "^GET /v2$components/")" = "$requests" ] ||
            fail "$sentence: $(proxied from "^GET /v2$components/") requests for components instead of $requests"
        nothing_written "$sentence $to"
        stop from
    done
    [ -z "$(find "$WORK/media" -path '*/blobs/*' -type f)" ] || fail "$sentence: something is on the media"
    rm -rf "$WORK/media"
}
path=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 --release 4.18.12 "${GRAPHS[@]}" "${DATA[@]}" --progress none)
# One refusal may be an image's own fault, a second one is believed.
unreadable 6 "403 no" 2 "GET $components/ status=403,code=DENIED"
says err "hint: the account that is used at $from_host may not do this"
# (A 401 may be the end of a token: that is tried out.)
unreadable 6 'hint: run `podman login' 8 "GET $components/ status=401,code=UNAUTHORIZED"

# One image that is refused does not end the run, whether it is asked for first or not.
forget mirror
start_proxy from "$source_host" --fault "GET $components/manifests/sha256:[0-9a-f]*\$ status=403,code=DENIED x1"
write_idms "$from_host" "$WORK/from.yaml"
run 6 "${path[@]}" --resources "$WORK/resources" --idms-file "$WORK/from.yaml" "docker://$mirror_host"
says err "error: mirror quay.io$components@"
[ "$(count mirror 'PUT [^ ]*/manifests/4\.17\.24-x86_64-')" -ge 3 ] || fail "the other images were not mirrored"
stop from
stop mirror
rm -rf "$WORK/mirror"
start_registry mirror "$WORK/mirror"

# Where several places may have them it is enough that one gives them; when none does, what
# the first one wants is not lost over the last one, which is not there at all.
start_proxy from "$source_host" --fault "GET $components/ status=403,code=DENIED"
# places HOST…: components are looked for at these, in this order
places() {
    local host
    sed '/source:.*art-dev/,$d' "$WORK/from.yaml"
    printf '  - source: quay.io%s\n    mirrorSourcePolicy: NeverContactSource\n    mirrors:\n' "$components"
    for host; do
        printf '    - %s%s\n' "$host" "$components"
    done
}
write_idms "$from_host" "$WORK/from.yaml"
places "$from_host" "$gone_host" >"$WORK/places.yaml"
run 6 "${path[@]}" --idms-file "$WORK/places.yaml" --resources "$WORK/resources" "docker://$mirror_host"
says err "can be read at $from_host$components or $gone_host$components"
says err "403 no; GET "
says err "hint: the account that is used at $from_host may not do this"
[ "$(grep -c '^failed:' "$WORK/err")" = 1 ] || fail "places: more than one failure is shown"
nothing_written "places"
# The same from registries.conf.
cat >"$WORK/registries.conf" <<CONF
[[registry]]
prefix = "quay.io/openshift-release-dev"
location = "$from_host/openshift-release-dev"
[[registry.mirror]]
location = "$gone_host/openshift-release-dev"
CONF
run 6 "${path[@]}" --registries-conf "$WORK/registries.conf" --resources "$WORK/resources" "docker://$mirror_host"
says err "quay.io$components can be read at $gone_host$components or $from_host$components"
nothing_written "registries.conf"
forget source
places "$from_host" "$source_host" >"$WORK/places.yaml"
run 0 "${path[@]}" --idms-file "$WORK/places.yaml" --resources "$WORK/resources" "docker://$mirror_host"
asked=$(count source "GET /v2$components/manifests/sha256:")
[ "$asked" = "$(grep -aoE "\"GET /v2$components/manifests/sha256:[0-9a-f]+" "$WORK/source.log" | sort -u | wc -l)" ] ||
    fail "a manifest was asked for twice"
stop from

# When all of it is there the source's components are not asked for at all.
forget source
run 0 "${path[@]}" --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" "docker://$mirror_host"
[ "$(count source "GET /v2$components/manifests/sha256:")" = 0 ] || fail "a rerun read components"
stop mirror
rm -rf "$WORK/mirror"
start_registry mirror "$WORK/mirror"


# A passing fault is waited out, and what was opened is cancelled in every repository.
start_proxy to "$mirror_host" --fault 'POST /blobs/uploads/$ status=503 x2' --fault '* /v2/ clock=-930'
run 0 "${mirror[@]}" "docker://$to_host"
for repository in ocp4/openshift4 ocp4/openshift4-release-images ocp4/graph-data; do
    [ "$(proxied to "^DELETE /v2/$repository/blobs/uploads/")" -ge 1 ] || fail "$repository was not tried"
done
# The proxy's clock is fifteen minutes and a half behind: the seconds that the answer takes
# change nothing in what is said.
says err "warning: the clock of $to_host is 15 minutes behind this machine's"
[ "$(grep -c 'clock of' "$WORK/err")" = 1 ] || fail "the clock is said more than once"
[ -z "$(find "$WORK/mirror" -path '*_uploads/*' -name data)" ] || fail "uploads are left over"
stop to

# A dry run asks the destination nothing.
forget mirror
run 0 "${mirror[@]}" --dry-run "docker://$mirror_host"
[ "$(count mirror '(GET|HEAD|POST|PUT) ')" = 0 ] || fail "a dry run spoke to the mirror"
