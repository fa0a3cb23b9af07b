#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A mirror with TLS of its own authority and a password, as they stand in real data centres.
. "$(dirname "$0")/lib.sh"
need docker-registry python3 openssl

make_ca
start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror" tls htpasswd
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml"
    --resources "$WORK/resources" --progress none "docker://$mirror_host")
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
write_auth() { # FILE KEY USER:PASSWORD
    printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$2" "$(printf %s "$3" | base64)" >"$1"
}
write_auth "$WORK/good.json" "$mirror_host" user:secret
write_auth "$WORK/wrong.json" "$mirror_host" user:guess

# An authority that nobody told us about.
run 5 "${mirror[@]}" --dest-authfile "$WORK/good.json"
says err "certificate"
says err "-ca"

# A file without any certificate.
echo "no certificate" >"$WORK/empty.pem"
run 5 "${mirror[@]}" --dest-ca "$WORK/empty.pem" --dest-authfile "$WORK/good.json"
says err "no certificate in what is to be trusted"

# A wrong password; it is never shown.
forget mirror
run 6 "${mirror[@]}" --ca "$WORK/ca.pem" --dest-authfile "$WORK/wrong.json" -v
says err "$mirror_host"
if grep -qE "guess|$(printf user:guess | base64)" "$WORK/err" "$WORK/out"; then
    fail "the password was printed"
fi
[ "$(count mirror 'PUT ')" = 0 ] || fail "something was written without the password"
# Accounts are locked for less: it is sent once for each of the three repositories.
[ "$(count mirror '[A-Z]+ [^"]*/blobs/uploads/[^"]*" 401')" = 3 ] || fail "the wrong password was sent again"

# A file that is no such file.
echo '{"auths":' >"$WORK/torn.json"
run 6 "${mirror[@]}" --ca "$WORK/ca.pem" --dest-authfile "$WORK/torn.json"
says err "torn.json:"

# Right: --dest-ca and --dest-authfile.
run 0 "${mirror[@]}" --dest-ca "$WORK/ca.pem" --dest-authfile "$WORK/good.json"
check_mirror "$mirror_host" --ca "$WORK/ca.pem" --creds user:secret "${path[@]}"

# A key for a part of the registry, and the directory form of trust.
mkdir "$WORK/certs"
cp "$WORK/ca.pem" "$WORK/certs/ca.crt"
write_auth "$WORK/scoped.json" "$mirror_host/ocp4" user:secret
run 0 "${mirror[@]}" --dest-cert-dir "$WORK/certs" --authfile "$WORK/scoped.json"
write_auth "$WORK/elsewhere.json" "$mirror_host/other" user:secret
run 6 "${mirror[@]}" --dest-cert-dir "$WORK/certs" --authfile "$WORK/elsewhere.json"

# REGISTRY_AUTH_FILE, and no certificate checks.
run 0 env REGISTRY_AUTH_FILE="$WORK/good.json" "${mirror[@]}" --dest-tls-verify=false

# The customary variable for certificates.
run 0 env SSL_CERT_FILE="$WORK/ca.pem" "${mirror[@]}" --dest-authfile "$WORK/good.json"

# The mirror as the source of a second one, with a path-scoped key there.
start_registry second "$WORK/second"
set_of=$(grep -lE '^kind: ImageDigestMirrorSet' "$WORK"/resources/*.yaml)
# shellcheck disable=SC2154
run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$set_of" \
    --src-ca "$WORK/ca.pem" --src-authfile "$WORK/scoped.json" --resources "$WORK/resources2" \
    --progress none "docker://$second_host"
check_mirror "$second_host" "${path[@]}"

# A registry that wants to see a certificate: none, and the one from a directory.
start_registry third "$WORK/third" client-tls
# shellcheck disable=SC2154
third=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data --idms-file "$WORK/idms.yaml"
    --resources "$WORK/resources3" --progress none "docker://$third_host")
run 5 "${third[@]}" --dest-ca "$WORK/ca.pem"
says err "wants a client certificate"
cp "$WORK/server.pem" "$WORK/certs/client.cert"
cp "$WORK/server.key" "$WORK/certs/client.key"
run 0 "${third[@]}" --dest-cert-dir "$WORK/certs"
# A key that asks for its passphrase: what to do is said, and does it.
encrypt() { # OPTION…
    openssl pkey -in "$WORK/server.key" -aes256 -passout pass:opensesame -out "$WORK/certs/client.key" "$@"
}
for form in "" -traditional; do
    encrypt ${form:+"$form"}
    run 2 "${third[@]}" --dest-cert-dir "$WORK/certs" </dev/null
    says err "client key $WORK/certs/client.key: it is encrypted with a passphrase"
    says err 'hint: take the passphrase off'
done
says err '`openssl pkey -in NAME.key -out NAME.new`'
openssl pkey -in "$WORK/certs/client.key" -out "$WORK/certs/client.new" -passin pass:opensesame
mv "$WORK/certs/client.new" "$WORK/certs/client.key"
run 0 "${third[@]}" --dest-cert-dir "$WORK/certs"
rm "$WORK/certs/client.key"
run 2 "${third[@]}" --dest-cert-dir "$WORK/certs"
says err "its key"
