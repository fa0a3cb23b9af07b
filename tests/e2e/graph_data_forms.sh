#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every form of the image, carried by skopeo from every place to every other without a
# complaint; with --long also read by podman and buildah.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry mirror "$WORK/mirror"
image=("$OC_HOP" graph-data "${DATA[@]}")
native=$(dpkg --print-architecture 2>/dev/null || echo amd64)
[ "$native" != ppc64el ] || native=ppc64le

# copy FROM TO [FLAG…]: skopeo must be content, and say nothing but its usual lines.
copy() {
    local from=$1 to=$2
    shift 2
    run 0 skopeo copy --src-tls-verify=false --dest-tls-verify=false "$@" "$from" "$to"
    if grep -viE '^(Getting image|Copying (blob|config|image)|Writing manifest|Storing (signatures|list))' "$WORK/err" | grep .; then
        fail "skopeo complains about $from"
    fi
}
# tree_of PLACE: the data's hash, as oc-hop finds it in the layer.
tree_of() {
    run 0 "$OC_HOP" graph-data --inspect "$1" -o json --tls-verify=false
    python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); assert d["data"]["as_labelled"]; print(d["data"]["tree"])' "$WORK/out"
}

run 0 "${image[@]}" --arch "$native" "oci:$WORK/first" -o json
wanted=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["tree"])' "$WORK/out")

n=0
for format in docker oci; do
    for archs in one all; do
        flags=(--format "$format")
        all=()
        [ "$archs" = all ] || flags+=(--arch "$native")
        [ "$archs" = one ] || all=(--all)
        sources=("docker://$mirror_host/from/$format:$archs" "oci:$WORK/$format-$archs")
        [ "$archs" = all ] || sources+=("docker-archive:$WORK/$format.tar")
        for source in "${sources[@]}"; do
            name=${source#docker-archive:}
            run 0 "${image[@]}" "${flags[@]}" "$source"
            [ "$(tree_of "$source")" = "$wanted" ] || fail "$source holds other data"
            n=$((n + 1))
            for target in "docker://$mirror_host/to/n$n:t" "oci:$WORK/to-$n:t" "docker-archive:$WORK/to-$n.tar:x/y:t" "dir:$WORK/to-$n.dir"; do
                case $target in
                # A file for one image; and skopeo has no list in it.
                docker-archive:*) copy "$source" "$target" --override-arch "$native" ;;
                *) copy "$source" "$target" "${all[@]}" ;;
                esac
                case $target in
                dir:*) ;;
                docker-archive:*) [ "$(tree_of "${target%:x/y:t}")" = "$wanted" ] || fail "$target holds other data" ;;
                *) [ "$(tree_of "$target")" = "$wanted" ] || fail "$target holds other data" ;;
                esac
            done
            # Between registries the bytes of the manifest stay, and so does the digest.
            case $source in
            docker://*)
                [ "$(raw_digest "${source#docker://}")" = "$(raw_digest "$mirror_host/to/n$n:t")" ] ||
                    fail "$source has another digest when it was copied"
                ;;
            esac
            printf '%s: copied to a registry, a layout, an archive and a directory\n' "${name##*/}"
        done
    done
done

# ---- container engines, where they run ----

if [ -z "${HOP_LONG:-}" ]; then
    printf 'podman, buildah: skipped, only with --long\n'
    exit 0
fi
store=(--root "$WORK/store" --runroot "$WORK/run" --storage-driver vfs)
if command -v podman >/dev/null && podman "${store[@]}" info >"$WORK/podman.log" 2>&1; then
    run 0 "${image[@]}" --arch "$native" "docker-archive:$WORK/load.tar:registry.example/ocp4/graph-data:one"
    run 0 podman "${store[@]}" load -i "$WORK/load.tar"
    says out "registry.example/ocp4/graph-data:one"
    run 0 podman "${store[@]}" image inspect registry.example/ocp4/graph-data:one
    says out "$wanted"
    printf 'podman: loaded the archive\n'
else
    printf 'podman: skipped, it does not run here: %s\n' "$(tail -n 1 "$WORK/podman.log" 2>/dev/null || echo not installed)"
fi
if command -v buildah >/dev/null && buildah "${store[@]}" info >"$WORK/buildah.log" 2>&1; then
    run 0 buildah "${store[@]}" from --name graph-data --tls-verify=false "docker://$mirror_host/from/oci:all"
    run 0 buildah "${store[@]}" mount graph-data
    diff -r "$WORLD/graph-data" "$(cat "$WORK/out")/var/lib/cincinnati-graph-data" || fail "buildah sees another tree"
    run 0 buildah "${store[@]}" rm graph-data
    run 0 buildah "${store[@]}" rmi --all
    printf 'buildah: stands on the image\n'
else
    printf 'buildah: skipped, it does not run here: %s\n' "$(tail -n 1 "$WORK/buildah.log" 2>/dev/null || echo not installed)"
fi
