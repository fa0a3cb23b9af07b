#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The store that a registry redirects to, and the service that gives its tokens, are hosts
# of their own: their certificates are found under their names, and what is shown or
# allowed to the registry is not for them.
. "$(dirname "$0")/lib.sh"
need docker-registry python3 openssl

make_ca
# make_pair DIR NAME: another authority, and a certificate of it
make_pair() {
    mkdir -p "$1"
    (
        cd "$1"
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=another authority" -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout pair.key -out pair.csr
        printf 'subjectAltName=IP:127.0.0.1\n' >pair.ext
        openssl x509 -req -in pair.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile pair.ext -out pair.pem
    ) >"$WORK/openssl.log" 2>&1 || fail "openssl: $(tail -n 5 "$WORK/openssl.log")"
}
make_pair "$WORK/other" 127.0.0.1
make_pair "$WORK/visitor" visitor
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=token service" -keyout "$WORK/token.key" \
    -out "$WORK/token.pem" 2>"$WORK/openssl.log" || fail "openssl: $(tail -n 5 "$WORK/openssl.log")"

# The store would take a certificate of either authority.
cat "$WORK/ca.pem" "$WORK/visitor/ca.pem" >"$WORK/both.pem"
start_service store blob_store.py --root "$WORLD/registry" --cert "$WORK/other/pair.pem" --key "$WORK/other/pair.key" \
    --client-ca "$WORK/both.pem"
start_service tokens token_service.py --cert "$WORK/token.pem" --key "$WORK/token.key" \
    --tls-cert "$WORK/other/pair.pem" --tls-key "$WORK/other/pair.key"
# shellcheck disable=SC2154
{
    start_registry source "$WORLD/registry" client-tls "redirect=https://$store_host"
    start_registry guarded "$WORLD/registry" tls "token=https://$tokens_host/token"
    write_idms "$source_host" "$WORK/idms.yaml"
    write_idms "$guarded_host" "$WORK/guarded.yaml"
}
export HOME=$WORK/home
unset XDG_RUNTIME_DIR XDG_CONFIG_HOME REGISTRY_AUTH_FILE
certs=$HOME/.config/containers/certs.d
mirror=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data --resources "$WORK/resources" --progress none)
trust() { # HOST CA
    mkdir -p "$certs/$1"
    cp "$2" "$certs/$1/ca.crt"
}
trust "$source_host" "$WORK/ca.pem"
trust "$guarded_host" "$WORK/ca.pem"
cp "$WORK/server.pem" "$certs/$source_host/us.cert"
cp "$WORK/server.key" "$certs/$source_host/us.key"
fresh_mirror

# Neither the store nor the token service is known: that is said of them.
run 5 "${mirror[@]}" --idms-file "$WORK/idms.yaml" "$target"
says err "the certificate of $store_host with --src-ca"
run 5 "${mirror[@]}" --idms-file "$WORK/guarded.yaml" "$target"
says err "the certificate of $tokens_host with --src-ca"

# They are: and see nothing of what the registry is shown.
trust "$store_host" "$WORK/other/ca.pem"
trust "$tokens_host" "$WORK/other/ca.pem"
run 0 "${mirror[@]}" --idms-file "$WORK/idms.yaml" "$target"
grep -q ' 200$' "$WORK/store.log" || fail "the store was not asked"
if grep -qv ' [0-9]*$' "$WORK/store.log"; then
    fail "the store was shown a certificate: $(head -n 1 "$WORK/store.log")"
fi
fresh_mirror
run 0 "${mirror[@]}" --idms-file "$WORK/guarded.yaml" "$target"

# A directory that was named is trusted for all, and shown to the registry alone.
mkdir "$WORK/named"
cat "$WORK/ca.pem" "$WORK/other/ca.pem" >"$WORK/named/ca.crt"
cp "$WORK/server.pem" "$WORK/named/us.cert"
cp "$WORK/server.key" "$WORK/named/us.key"
fresh_mirror
run 0 env "HOME=$WORK/nobody" "${mirror[@]}" --idms-file "$WORK/idms.yaml" --src-cert-dir "$WORK/named" "$target"
if grep -qv ' [0-9]*$' "$WORK/store.log"; then
    fail "the store was shown a certificate: $(head -n 1 "$WORK/store.log")"
fi

# The store has its own for us.
cp "$WORK/visitor/pair.pem" "$certs/$store_host/us.cert"
cp "$WORK/visitor/pair.key" "$certs/$store_host/us.key"
: >"$WORK/store.log"
fresh_mirror
run 0 "${mirror[@]}" --idms-file "$WORK/idms.yaml" "$target"
if grep -qv ' visitor$' "$WORK/store.log"; then
    fail "the store was not shown its certificate: $(head -n 1 "$WORK/store.log")"
fi

# Its key is encrypted: no authority is asked for, that would not help.
openssl pkey -in "$WORK/visitor/pair.key" -aes256 -passout pass:opensesame -out "$certs/$store_host/us.key"
fresh_mirror
run 5 "${mirror[@]}" --idms-file "$WORK/idms.yaml" "$target"
says err "us.key: it is encrypted with a passphrase: take the passphrase off"
if grep -q 'with --src-ca' "$WORK/err"; then
    fail "an authority is asked for: $(tail -n 3 "$WORK/err")"
fi

# A registry that need not be verified does not make its token service one: no password
# for who cannot say who he is.
rm -r "$certs"
printf '{"auths":{"%s":{"auth":"%s"}}}' "$guarded_host" "$(printf user:secret | base64)" >"$WORK/auth.json"
cat >"$WORK/registries.conf" <<CONF
[[registry]]
prefix = "quay.io/openshift-release-dev"
[[registry.mirror]]
location = "$guarded_host/openshift-release-dev"
insecure = true
CONF
: >"$WORK/tokens.log"
run 5 "${mirror[@]}" -v -v --registries-conf "$WORK/registries.conf" --src-authfile "$WORK/auth.json" "$target"
says err "GET https://$tokens_host/token SSL certificate problem"
[ ! -s "$WORK/tokens.log" ] || fail "the token service was asked: $(cat "$WORK/tokens.log")"
