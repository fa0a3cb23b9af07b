#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runbooks as an administrator, a browser and a shell read them: the blocks are pasted, with an `oc` that writes
# down what it was asked for.
. "$(dirname "$0")/lib.sh"
need python3 shellcheck
python3 -c 'import yaml' 2>/dev/null || need python3-yaml

"${HOP_SAMPLES_BIN:?names the program hop-resource-samples}" "$WORK/one"
"$HOP_SAMPLES_BIN" "$WORK/two"
diff -r "$WORK/one" "$WORK/two" || fail "the same input gave other bytes"

crds=()
if [ -d "${OC_HOP_TEST_DATA:-}/fixtures/crds" ]; then
    crds=(--crds "$OC_HOP_TEST_DATA/fixtures/crds")
else
    echo "skipped: the definitions of custom resources, OC_HOP_TEST_DATA is not set"
fi
python3 "$HERE/check_resources.py" "${crds[@]}" --host mirror.example:5000 "$WORK"/one/*

# ---- an administrator's machine ----

mkdir "$WORK/bin"
cat >"$WORK/bin/oc" <<'OC'
#!/usr/bin/env bash
# Writes its arguments down, one call a line, and answers so that waiting ends.
{
    printf 'oc'
    printf ' %s' "$@"
    printf '\n'
} >>"$FAKE_LOG"
for argument; do
    case $argument in
    --to=*) printf '%s' "${argument#--to=}" >"$FAKE_LOG.version" ;;
    --to-image=*) : >"$FAKE_LOG.by-image" ;;
    --keys=.dockerconfigjson) printf '{}' >.dockerconfigjson ;;
    *policyEngineURI*) printf 'https://service.example' ;;
    *history*) printf 'Completed %s' "$(cat "$FAKE_LOG.version")" ;;
    esac
done
OC
cat >"$WORK/bin/curl" <<'CURL'
#!/usr/bin/env bash
printf 'curl %s\n' "$*" >>"$FAKE_LOG"
printf '{"nodes": [{"version": "4.1.2"}]}'
CURL
printf '#!/bin/sh\n:\n' >"$WORK/bin/sleep"
chmod +x "$WORK"/bin/*

# paste_all NAME: pastes all blocks of a sample's runbook into a shell, in its directory.
paste_all() {
    local block dir=$WORK/one/$1
    python3 "$HERE/check_runbook.py" "$dir" "$WORK/$1.blocks"
    for block in "$WORK/$1.blocks"/*.sh; do
        bash -n "$block" || fail "$1: half a command in ${block##*/}"
    done
    cat "$WORK/$1.blocks"/*.sh >"$WORK/$1.all"
    shellcheck --shell=bash --severity=style "$WORK/$1.all" || fail "$1: a block that a shell misreads"
    : >"$WORK/$1.log"
    cp -r "$dir" "$WORK/$1.here"
    (
        cd "$WORK/$1.here"
        export FAKE_LOG=$WORK/$1.log PATH=$WORK/bin:$PATH
        # One shell for all: what a block sets, a later one uses.
        # shellcheck disable=SC1090,SC2016
        timeout 60 bash -c '. "$1" </dev/null' paste "$WORK/$1.all"
    ) >"$WORK/$1.out" 2>"$WORK/$1.err" || [ $? -lt 2 ] || fail "$1: $(tail -n 3 "$WORK/$1.err")"
    [ ! -s "$WORK/$1.err" ] || fail "$1: $(head -n 3 "$WORK/$1.err")"
    [ ! -e "$WORK/$1.here/was-here" ] || fail "$1: text from outside was run"
    [ ! -e "$WORK/$1.here/.dockerconfigjson" ] || fail "$1: the pull secret was left behind"
}

# in_order NAME TEXT…: calls that contain these texts, one after the other.
in_order() {
    python3 - "$WORK/$1.log" "${@:2}" <<'PY' || fail "$1: not in this order: ${*:2}"
import sys
calls, at = open(sys.argv[1], encoding="utf-8").read().split("\n"), 0
for wanted in sys.argv[2:]:
    found = [i for i in range(at, len(calls)) if wanted in calls[i]]
    if not found:
        sys.exit(f"after call {at} nothing has: {wanted}\n" + "\n".join(calls))
    at = found[0] + 1
PY
}

# never NAME TEXT: no call contains the text.
never() {
    if grep -F -- "$2" "$WORK/$1.log"; then
        fail "$1: $2"
    fi
}

for sample in from-4.12 to-4.21 two-clusters early-4.13 no-path; do
    paste_all "$sample"
done

# Three hops with gates, from the older kind of mirror set to the newer one.
in_order from-4.12 'cluster-backup.sh' 'oc apply -f additional-trusted-ca.yaml' 'oc registry login' \
    'oc apply -f imagecontentsourcepolicy.yaml' 'oc wait machineconfigpool --all' \
    'crictl pull quay.io/example/ocp-release@sha256:' 'oc apply -f signatures/' 'oc apply -f updateservice.yaml' \
    'curl --silent --show-error --fail --insecure --header Accept: application/json https://service.example/api/upgrades_info/v1/graph?channel=stable-4.13&arch=amd64' \
    '{"spec":{"upstream":"https://service.example/api/upgrades_info/v1/graph"}}' \
    '--patch-file=patches/admin-acks-hop-01.yaml' '{"spec":{"paused":true}}' \
    '--patch-file=patches/clusterversion-hop-01.yaml' 'oc adm upgrade --to=4.13.50' \
    'oc adm upgrade --allow-explicit-upgrade --to-image=mirror.example:5000/ocp4/openshift4-release-images@sha256:' \
    'oc wait machineconfigpool master' \
    'oc apply -f imagedigestmirrorset.yaml' 'oc wait machineconfigpool --all' \
    'oc delete imagecontentsourcepolicy oc-hop-release' \
    '--patch-file=patches/clusterversion-hop-02.yaml' 'oc adm upgrade --to=4.14.40' '{"spec":{"paused":false}}' \
    'oc wait machineconfigpool --all' '--patch-file=patches/admin-acks-hop-03.yaml' \
    'oc adm upgrade --include-not-recommended' 'oc adm upgrade --to=4.15.30 --allow-not-recommended' \
    'oc get clusterversion,clusteroperators,machineconfigpools,nodes'
never from-4.12 '--force'

# The acknowledgement that no payload asks for.
in_order to-4.21 'oc apply -f imagedigestmirrorset.yaml' 'oc adm upgrade --to=4.20.9' \
    '--patch-file=patches/admin-acks-hop-02.yaml' 'oc adm upgrade --to=4.21.3'
grep -qF '"ack-4.20-sigstore-in-4.21": "true"' "$WORK/one/to-4.21/patches/admin-acks-hop-02.yaml" ||
    fail "the run-time gate has no patch"
never to-4.21 'imagecontentsourcepolicy.yaml'

# Each cluster has the set that its start takes, and its own hops.
in_order two-clusters 'oc apply -f imagecontentsourcepolicy.yaml' 'oc apply -f imagedigestmirrorset.yaml' \
    'oc adm upgrade --to=4.13.50' 'oc delete imagecontentsourcepolicy' 'oc adm upgrade --to=4.14.40' \
    'oc adm upgrade --to=4.14.40'
grep -qF 'Cluster that ran 4.13.50, hop 1 of 1' "$WORK/one/two-clusters/RUNBOOK.md"

# Below 4.13.27 the kind that the cluster has stays; what was not read and not verified is said.
in_order early-4.13 'oc apply -f imagecontentsourcepolicy.yaml' 'oc adm upgrade --to=4.13.20'
never early-4.13 'imagedigestmirrorset.yaml'
never early-4.13 'signatures/'
grep -qF 'switched off' "$WORK/one/early-4.13/RUNBOOK.md" || fail "nothing says that nobody vouched"

never no-path 'oc adm upgrade'
in_order no-path 'oc apply -f imagedigestmirrorset.yaml' 'oc apply -f updateservice.yaml'
for word in 'Operators from catalogs are not mirrored' 'must run as long as the cluster does' \
    'Keep the mirror set' 'never those that filled it'; do
    grep -qF "$word" "$WORK"/one/no-path/RUNBOOK.md || fail "the runbook does not say: $word"
done
