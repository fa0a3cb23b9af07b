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
