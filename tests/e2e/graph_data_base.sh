#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The graph-data image on a base of one's own: the cli image of a payload, an image of a
# registry, an OCI layout; to a registry, a layout and a docker-archive. The base's blobs
# are mounted where the mirror has them, and copied once where it has not.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo umoci python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" "${GRAPHS[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"

# stack_of BASE IMAGE: IMAGE must have the layers of BASE and one more; both as skopeo names them.
stack_of() {
    skopeo inspect --raw --tls-verify=false "$1" >"$WORK/base.json"
    skopeo inspect --raw --tls-verify=false "$2" >"$WORK/image.json"
    python3 - "$WORK/base.json" "$WORK/image.json" <<'PY'
import json, sys
base, image = (json.load(open(p)) for p in sys.argv[1:])
base, image = ([l["digest"] for l in m["layers"]] for m in (base, image))
if image[:-1] != base:
    sys.exit(f"layers {image} do not stand on {base}")
PY
}
put_of_layers() { # REGISTRY: uploads that were completed
    count "$1" 'PUT .*/blobs/uploads/'
}
pulls_whole() { # SOURCE: skopeo reads every blob of it, and checks it
    rm -rf "$WORK/pulled"
    run 0 skopeo copy -q --src-tls-verify=false "$1" "dir:$WORK/pulled"
}
image=("$OC_HOP" graph-data "${DATA[@]}")
payload=("${image[@]}" --plan "$WORK/plan.json" --image-base payload)

# ---- payload, with the mirror ----

run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --resources "$WORK/resources" "${TRUST[@]}" --image-base payload "docker://$mirror_host"
check_mirror "$mirror_host" --start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64
cli=docker://$mirror_host/ocp4/openshift4:4.18.12-x86_64-cli
stack_of "$cli" "docker://$mirror_host/ocp4/graph-data:latest"
pulls_whole "docker://$mirror_host/ocp4/graph-data:latest"
# Every blob came over the source link once, but for one small config that is read before
# it is copied.
sed -nE 's/.*"GET [^ ]*\/blobs\/(sha256:[0-9a-f]+) .*/\1/p' "$WORK/source.log" | sort | uniq -d >"$WORK/twice"
[ "$(wc -l <"$WORK/twice")" -le 1 ] || fail "blobs that crossed the link twice: $(cat "$WORK/twice")"

# The same again changes nothing.
forget mirror
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --resources "$WORK/resources" "${TRUST[@]}" --image-base payload "docker://$mirror_host"
[ "$(count mirror 'PUT ')" = 0 ] || fail "a second run wrote something"

# A dry run reads what it needs and writes nothing.
start_registry empty "$WORK/empty"
forget empty
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    "${TRUST[@]}" --image-base payload --dry-run "docker://$empty_host"
says out "graph-data: $empty_host/ocp4/graph-data@sha256:"
[ "$(count empty '[A-Z]+ /')" = 0 ] || fail "a dry run asked the destination"

# Several architectures: each stands on its own release's image, or all on the list of one.
start_registry many "$WORK/many"
graphs=()
for minor in 4.17 4.18; do
    graphs+=(--graph "stable-$minor/amd64=$WORLD/graphs/stable-$minor.json"
        --graph "stable-$minor/arm64=$WORLD/graphs/stable-$minor-arm64.json")
done
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" --arch amd64 --arch aarch64 "${graphs[@]}" "${DATA[@]}" "${TRUST[@]}" \
    --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --image-base payload "docker://$many_host"
run 0 skopeo inspect --raw --tls-verify=false "docker://$many_host/ocp4/graph-data:latest"
for arch in amd64:x86_64 arm64:aarch64; do
    child=$(python3 -c 'import json,sys; print(next(m["digest"] for m in json.load(open(sys.argv[1]))["manifests"] if m["platform"]["architecture"] == sys.argv[2]))' "$WORK/out" "${arch%:*}")
    cp "$WORK/out" "$WORK/kept"
    stack_of "docker://$many_host/ocp4/openshift4:4.18.12-${arch#*:}-cli" "docker://$many_host/ocp4/graph-data@$child"
    pulls_whole "docker://$many_host/ocp4/graph-data@$child"
    cp "$WORK/kept" "$WORK/out"
done
run 0 "$OC_HOP" mirror --from 4.18.9 --to 4.18.12 --arch multi "${DATA[@]}" "${TRUST[@]}" \
    --graph "stable-4.18/multi=$WORLD/graphs/stable-4.18-multi.json" --idms-file "$WORK/idms.yaml" \
    --resources "$WORK/resources" --image-base payload --graph-data-repository ocp4/multi-data "docker://$many_host"
run 0 skopeo inspect --raw --tls-verify=false "docker://$many_host/ocp4/multi-data:latest"
says out manifest.list.v2

# A payload that nobody vouches for gives no base: the run says so, and fails for that.
mkdir "$WORK/no-signatures"
start_registry refusing "$WORK/refusing"
run 4 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --keyring "$WORLD/update-key.asc" --signature-store "$WORK/no-signatures" --resources "$WORK/refused" \
    --image-base payload "docker://$refusing_host"
says err "the graph-data image is left out"
[ ! -e "$WORK/refused" ] || fail "resources were written"
for name in many refusing; do stop "$name"; done

# ---- payload, beyond the gap: the source is gone, the mirror has it all ----

run 0 "${payload[@]}" "${TRUST[@]}" --idms-file "$WORK/idms.yaml" --arch amd64 "docker-archive:$WORK/payload.tar"
stop source
forget mirror
run 0 "${payload[@]}" "${TRUST[@]}" "docker://$mirror_host/else/where:v1"
stack_of "$cli" "docker://$mirror_host/else/where:v1"
pulls_whole "docker://$mirror_host/else/where:v1"
[ "$(count mirror 'POST .*mount=')" -ge 2 ] || fail "no blob was mounted"
[ "$(put_of_layers mirror)" -le 2 ] || fail "layers of the base were uploaded: $(put_of_layers mirror)"
forget mirror
run 0 "${payload[@]}" "${TRUST[@]}" "docker://$mirror_host/else/where:v1"
says err "nothing was pushed"
[ "$(count mirror 'PUT ')" = 0 ] || fail "an unchanged image was written again"

# Nobody vouches for the payload: nothing is built on it, unless that is asked for.
run 4 "${payload[@]}" --keyring "$WORLD/update-key.asc" --signature-store "$WORK/no-signatures" "docker://$mirror_host/un/signed:v1"
says err "could not be read"
says err "no signature"
run 0 "${payload[@]}" --insecure-skip-signatures "docker://$mirror_host/un/signed:v1"
says err "NOT CHECKED"

run 2 "${image[@]}" --image-base payload "docker://$mirror_host/x/y"
says err "--plan or --prune"
run 2 "${image[@]}" --image-base "Not An Image" "docker://$mirror_host/x/y"
says err "--image-base takes payload"
run 5 "${image[@]}" --image-base "$mirror_host/no/such:tag" --tls-verify=false "oci:$WORK/none"
says err "there is no tag tag"
[ ! -e "$WORK/none" ] || fail "an image was written without its base"

# ---- an image of a registry ----

list=$mirror_host/ocp4/openshift4:4.18.12-x86_64-coredns # a list of several architectures
digest=$(raw_digest "$list")
run 0 "${image[@]}" --image-base "$list" "docker://$mirror_host/on/list:v1"
skopeo inspect --raw --tls-verify=false "docker://$mirror_host/on/list:v1" >"$WORK/list.json"
grep -q manifest.list.v2 "$WORK/list.json" || fail "a base that is a list gives no list"
pulls_whole "docker://$mirror_host/on/list:v1"
run 0 "${image[@]}" --image-base "docker://${list%:*}@$digest" --arch arm64 "oci:$WORK/arm:v1"
run 0 skopeo inspect "oci:$WORK/arm:v1"
says out '"Architecture": "arm64"'
pulls_whole "oci:$WORK/arm:v1"
run 0 "${image[@]}" --image-base "$list" --arch amd64 "docker-archive:$WORK/list.tar:r.example/a/b:c"
pulls_whole "docker-archive:$WORK/list.tar"
run 5 "${image[@]}" --image-base "$list" --arch s390x "oci:$WORK/none"
says err "no linux image that can be used for s390x"

# One that asks who is there: the source's credentials, which the destination never sees.
start_registry private "$WORK/private" htpasswd
printf '{"auths":{"%s":{"auth":"%s"}}}' "$private_host" "$(printf user:secret | base64)" >"$WORK/auth.json"
printf '{}' >"$WORK/nobody.json"
run 0 skopeo copy -q --src-tls-verify=false --dest-tls-verify=false --dest-authfile "$WORK/auth.json" "$cli" "docker://$private_host/base:9"
run 0 "${image[@]}" --image-base "$private_host/base:9" --src-authfile "$WORK/auth.json" --dest-authfile "$WORK/nobody.json" \
    "docker://$mirror_host/on/private:v1"
stack_of "$cli" "docker://$mirror_host/on/private:v1"
pulls_whole "docker://$mirror_host/on/private:v1"
run 6 "${image[@]}" --image-base "$private_host/base:9" --authfile "$WORK/nobody.json" "docker://$mirror_host/on/private:v2"
says err "read image $private_host/base:9"
stop private

# ---- a layout ----

run 0 skopeo copy -q --src-tls-verify=false "$cli" "oci:$WORK/base:b"
forget mirror
run 0 "${image[@]}" --image-base "oci:$WORK/base:b" "docker://$mirror_host/on/layout:v1"
stack_of "oci:$WORK/base:b" "docker://$mirror_host/on/layout:v1"
pulls_whole "docker://$mirror_host/on/layout:v1"
run 0 "${image[@]}" --image-base "oci:$WORK/base" "oci:$WORK/image:v1"
stack_of "oci:$WORK/base:b" "oci:$WORK/image:v1"
pulls_whole "oci:$WORK/image:v1"
run 0 "${image[@]}" --image-base "oci:$WORK/base:b" --arch amd64 "docker-archive:$WORK/layout.tar"
pulls_whole "docker-archive:$WORK/layout.tar"
run 1 "${image[@]}" --image-base "oci:$WORK/base:other" "oci:$WORK/none"
says err "no image with the tag other"

# A base that lies is found out, and no image has its name.
cp -r "$WORK/base" "$WORK/lying"
largest=$(find "$WORK/lying/blobs" -type f -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
printf 'x' | dd of="$largest" bs=1 seek=1000 conv=notrunc 2>/dev/null
run 4 "${image[@]}" --image-base "oci:$WORK/lying:b" "oci:$WORK/lies"
says err "it has the digest sha256:"
[ ! -e "$WORK/lies/index.json" ] || fail "an image of damaged layers was written"
run 4 "${image[@]}" --image-base "oci:$WORK/lying:b" --arch amd64 "docker-archive:$WORK/lies.tar"
[ ! -e "$WORK/lies.tar" ] || fail "an archive of damaged layers was written"

# Layers that docker's types have no name for are refused, or stay as they are.
if skopeo copy -q --dest-compress-format zstd --format oci "oci:$WORK/base:b" "oci:$WORK/zstd:b" 2>"$WORK/skopeo.log" &&
    skopeo inspect --raw "oci:$WORK/zstd:b" | grep 'tar+zstd' >/dev/null; then
    run 2 "${image[@]}" --image-base "oci:$WORK/zstd:b" "docker://$mirror_host/on/zstd:v1"
    says err "tar+zstd"
    says err "--format oci"
    run 0 "${image[@]}" --image-base "oci:$WORK/zstd:b" --format oci "docker://$mirror_host/on/zstd:v1"
    pulls_whole "docker://$mirror_host/on/zstd:v1"
else
    printf 'zstd: not run, this skopeo does not write it: %s\n' "$(tail -n 1 "$WORK/skopeo.log")"
fi

# ---- what stands on it runs ----

if ! command -v busybox >/dev/null || [ "$(id -u)" != 0 ]; then
    printf 'running: not run, it needs busybox and root\n'
    exit 0
fi
# A base that is nothing but a shell and cp.
mkdir -p "$WORK/root/bin"
cp "$(command -v busybox)" "$WORK/root/bin/"
for name in sh cp sleep; do ln -s busybox "$WORK/root/bin/$name"; done
run 0 umoci init --layout "$WORK/busybox"
run 0 umoci new --image "$WORK/busybox:b"
run 0 umoci insert --image "$WORK/busybox:b" "$WORK/root/bin" /bin
run 0 "${image[@]}" --image-base "oci:$WORK/busybox:b" "oci:$WORK/running:v1"
run 0 umoci unpack --image "$WORK/running:v1" "$WORK/bundle"
root=$WORK/bundle/rootfs
mkdir -p "$root/var/lib/cincinnati/graph-data"
chmod 0777 "$root/var/lib/cincinnati/graph-data"
mapfile -t entrypoint < <(python3 -c 'import json,sys; print("\n".join(json.load(open(sys.argv[1]))["process"]["args"]))' "$WORK/bundle/config.json")
for _ in first second; do
    run 0 chroot --userspec=1000650000:0 --groups=0 "$root" "${entrypoint[@]}"
    diff -r "$WORLD/graph-data" "$root/var/lib/cincinnati/graph-data" || fail "another tree was copied"
done
run 0 chroot --userspec=1000650000:0 --groups=0 "$root" /bin/sh -c -- "sleep 0;"
