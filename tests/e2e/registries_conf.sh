#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sources that registries.conf says are elsewhere, in the user's file, its drop-ins, or one
# that was named; certificates and passwords of hosts where podman has them.
. "$(dirname "$0")/lib.sh"
need docker-registry python3 openssl

make_ca
start_registry source "$WORLD/registry" tls htpasswd
start_registry mirror "$WORK/mirror" tls htpasswd
config=$WORK/home/.config/containers
certs=$config/certs.d
mkdir -p "$certs/$mirror_host" "$config/registries.conf.d" "$WORK/run/containers"
path=(--release 4.17.24/amd64)
unset REGISTRY_AUTH_FILE SSL_CERT_FILE CONTAINERS_REGISTRIES_CONF XDG_CONFIG_HOME
export HOME=$WORK/home XDG_RUNTIME_DIR=$WORK/run
mirror=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data
    --resources "$WORK/resources" --progress none -v -v "docker://$mirror_host")

# As podman has it: passwords below the run-time directory, trust in certs.d of the host.
cp "$WORK/ca.pem" "$certs/$mirror_host/ca.crt"
pair=$(printf user:secret | base64)
printf '{"auths":{"%s":{"auth":"%s"},"%s":{"auth":"%s"}}}' "$source_host" "$pair" "$mirror_host" "$pair" \
    >"$WORK/run/containers/auth.json"
{
    echo 'unqualified-search-registries = ["docker.io"]'
    echo '[[registry]]'
    echo "prefix = \"$(sed -n 's/^ *- *source: *//p' "$WORLD/idms.yaml" | head -n 1 | cut -d/ -f1)\""
    echo 'blocked = true'
} >"$config/registries.conf"

# The blocked registry is not asked.
run 5 "${mirror[@]}"
says err "mirrors of sources are read from $config/registries.conf"
says err "registries.conf blocks the source of"
says err "--registries-conf"
[ -z "$(find "$WORK/mirror" -name data -print -quit)" ] || fail "something arrived"

# A drop-in says where it is; its authority is not known, but it is said to be insecure.
python3 - "$WORLD/idms.yaml" "$source_host" >"$config/registries.conf.d/50-lab.conf" <<'PY'
import re, sys
text = open(sys.argv[1]).read().replace("SOURCE_HOST", sys.argv[2])
sources, mirrors = re.findall(r"source: (\S+)", text), re.findall(r"mirrors:\s*\n?\s*-?\s*\[?([^\s\]]+)", text)
for source, mirror in zip(sources, mirrors, strict=True):
    print(f'[[registry]]\nprefix = "{source}"\nmirror-by-digest-only = true')
    print(f'[[registry.mirror]]\nlocation = "{mirror}"\ninsecure = true')
PY
run 0 "${mirror[@]}"
says err "read from $config/registries.conf.d/50-lab.conf"
says err "credentials of $source_host"
says err "$WORK/run/containers/auth.json (auths.$source_host)"
check_mirror "$mirror_host" --ca "$WORK/ca.pem" --creds user:secret "${path[@]}"

# A file that was named is the only one.
sed '/insecure/d' "$config/registries.conf.d/50-lab.conf" >"$WORK/named.conf"
run 5 "${mirror[@]}" --recheck --registries-conf "$WORK/named.conf"
says err "certificate"
mkdir "$certs/$source_host"
cp "$WORK/ca.pem" "$certs/$source_host/ca.crt"
run 0 "${mirror[@]}" --recheck --registries-conf "$WORK/named.conf"
run 0 env CONTAINERS_REGISTRIES_CONF="$WORK/named.conf" "${mirror[@]}"
says err "read from $WORK/named.conf"

# Mistakes are found before anything is asked.
printf '[[registry]]\nlocation = "https://x"\n' >"$WORK/named.conf"
run 1 "${mirror[@]}" --registries-conf "$WORK/named.conf"
says err "$WORK/named.conf:1: prefix and locations must be"
run 2 "${mirror[@]}" --registries-conf "$WORK/absent.conf"
says err "(from --registries-conf)"
