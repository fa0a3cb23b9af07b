#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Media that was altered by somebody who knows it: all its own documents agree. What the
# signatures of the releases do not cover must not decide what is called a release, nor
# where images are said to come from; the rest is warned of.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none "dir:$WORK/good"
stop source
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none)
verify=("$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none)

# alter SCRIPT: $WORK/media is the good media with that change (see alter_media.py).
alter() {
    rm -rf "$WORK/media" "$WORK/resources"
    cp -a "$WORK/good" "$WORK/media"
    python3 "$HERE/alter_media.py" "$WORK/media" "$1"
}

# Nothing is changed: the documents that the tool writes are those of the program.
alter ''
run 0 "${verify[@]}" "dir:$WORK/media"
says out "0 errors, 0 warnings"
diff -r "$WORK/good" "$WORK/media" >"$WORK/diff" || fail "not the same again: $(head -n 5 "$WORK/diff")"

# ---- releases without components ----

# lacks VERSION…: the last run names exactly these releases.
lacks() {
    local version
    for version; do says err "release $version (amd64) is there without its components"; done
    [ "$(grep -c 'without its components' "$WORK/err")" = $# ] || fail "other releases are blamed: $(grep components "$WORK/err")"
}

strip='for r in media["releases"]: r["components"] = False
media["images"] = [i for i in media["images"] if i["role"] != "component"]'
fresh_mirror
alter "$strip"
run 4 "${verify[@]}" "dir:$WORK/media"
lacks 4.17.24 4.18.9 4.18.12
run 4 "${load[@]}" "dir:$WORK/media" "$target"
lacks 4.17.24 4.18.9 4.18.12
nothing_was_written "releases had no components"

# One of them is enough; and no plan excuses none.
alter 'for r in media["releases"]: r["components"] = r["version"] not in ("4.17.20", "4.18.9")
media["images"] = [i for i in media["images"] if i["role"] != "component" or i["release"] != "4.18.9"]'
run 4 "${load[@]}" "dir:$WORK/media" "$target"
lacks 4.18.9
alter 'os.unlink(root + "/" + media["plans"].pop())
'"$strip"
run 4 "${load[@]}" "dir:$WORK/media" "$target"
lacks 4.17.20 4.17.24 4.18.9 4.18.12
nothing_was_written "releases had no components, and there was no plan"

# A plan that begins and ends at one release has it whole.
alter 'plan = media["plans"][0]
text = json.load(open(root + "/" + plan))
text.update(status="same-version", path=text["path"][:1], edges=[], hops=0, conditional_hops=0, to=text["from"], alternatives=[])
write(plan, dump(text))
media["releases"] = media["releases"][:1]
media["images"] = [i for i in media["images"] if i["release"] == "4.17.20" and i["role"] != "component"]
media["signatures"] = [s for s in media["signatures"] if s["digest"] == media["releases"][0]["digest"]]'
run 4 "${verify[@]}" "dir:$WORK/media"
lacks 4.17.20

# ---- where releases come from ----

idms=$WORK/resources/imagedigestmirrorset.yaml
source='for r in media["releases"]: r["source"] = "registry.example.com/ubi9/ubi@" + r["digest"]'
alter "$source"
run 0 "${verify[@]}" "dir:$WORK/media"
says err "release 4.18.12 (amd64): the media says that it comes from registry.example.com/ubi9/ubi, its signature that it is quay.io/openshift-release-dev/ocp-release"
run 0 "${load[@]}" "dir:$WORK/media" "$target"
says err "release 4.18.12 (amd64): the media says that it comes from registry.example.com/ubi9/ubi"
says err "nobody vouches for the plan and the graph-data on the media"
if grep -r registry.example.com "$WORK/resources" >"$WORK/names"; then fail "the name is taken: $(cat "$WORK/names")"; fi
grep -q 'source: "quay.io/openshift-release-dev/ocp-release"' "$idms" || fail "the signed name is not taken"
grep -q 'source: "quay.io/openshift-release-dev/ocp-v4.0-art-dev"' "$idms" || fail "the components' names are lost"
cp "$idms" "$WORK/altered.yaml"
alter ''
run 0 "${load[@]}" "dir:$WORK/media" "$target"
cmp "$idms" "$WORK/altered.yaml" || fail "the mirror sets differ from those of the good media"

# Without signatures nobody knows, which is said.
alter "$source"
run 0 "$OC_HOP" load --insecure-skip-signatures --resources "$WORK/resources" --progress none "dir:$WORK/media" "$target"
says err "nobody vouches for the plan, the sources of the releases and the graph-data on the media"

# Who signs the media vouches for other names, too.
if command -v gpg >/dev/null; then
    export GNUPGHOME=$WORK/gnupg
    mkdir -m 700 "$GNUPGHOME"
    gpg --batch --quiet --passphrase '' --quick-generate-key transfer@oc-hop.invalid ed25519 sign 2>/dev/null
    gpg --batch --quiet --export transfer@oc-hop.invalid >"$WORK/transfer.gpg"
    gpg --batch --quiet --output "$WORK/media/oc-hop.json.sig" --detach-sign "$WORK/media/oc-hop.json"
    gpgconf --kill all
    rm -r "$WORK/resources"
    run 0 "${load[@]}" --media-keyring "$WORK/transfer.gpg" "dir:$WORK/media" "$target"
    if grep "nobody vouches\|the media says" "$WORK/err" >/dev/null; then fail "signed media is doubted"; fi
    grep -q 'source: "registry.example.com/ubi9/ubi"' "$idms" || fail "the name of signed media is not taken"
fi

# ---- graph-data that was not planned with ----

alter 'plan = json.load(open(root + "/plan-amd64.json"))
assert plan["graph_data"] == media["graphDataTree"]
plan["graph_data"] = "sha256:" + 64 * "0"
write("plan-amd64.json", dump(plan))'
run 0 "${verify[@]}" "dir:$WORK/media"
says err "warning: graph-data: graph-data.tar.gz: its data has the tree hash sha256:"
says err "the plan from 4.17.20 to 4.18.12 (amd64) was made with sha256:0000"
run 0 "${load[@]}" "dir:$WORK/media" "$target"
says err "was made with sha256:0000"
alter 'media["graphDataTree"] = "sha256:" + 64 * "0"'
run 4 "${load[@]}" "dir:$WORK/media" "$target"
says err "it is not what was mirrored for the plan"
# An oc-hop that did not record it has written neither.
alter 'plan = json.load(open(root + "/plan-amd64.json"))
del plan["graph_data"], media["graphDataTree"]
write("plan-amd64.json", dump(plan))'
run 0 "${verify[@]}" "dir:$WORK/media"
says out "0 errors, 0 warnings"

# ---- what is gone ----

alter 'os.unlink(root + "/" + media.pop("graphData"))'
run 0 "${verify[@]}" "dir:$WORK/media"
says err "warning: graph-data: there is none on the media"
says out "hops: none was simulated, as there is no graph-data"
run 0 "${load[@]}" "dir:$WORK/media" "$target"
says err "nobody vouches for the plan and the graph-data on the media"
run 0 "${load[@]}" --no-graph-data "dir:$WORK/media" "$target"
says err "nobody vouches for the plan on the media"
