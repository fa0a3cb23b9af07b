#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A registry whose tokens come from a token service: few of them, for the scopes that are
# needed, from every kind of secret; and a source that sends its readers to another host.
. "$(dirname "$0")/lib.sh"
need docker-registry python3 openssl

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=token service" -keyout "$WORK/token.key" \
    -out "$WORK/token.pem" 2>"$WORK/openssl.log" || fail "openssl: $(tail -n 5 "$WORK/openssl.log")"
# shellcheck disable=SC2154
{
    start_service tokens token_service.py --cert "$WORK/token.pem" --key "$WORK/token.key" --refresh "r&fresh="
    start_service store blob_store.py --root "$WORLD/registry"
    start_registry source "$WORLD/registry" "token=http://$tokens_host/token" "redirect=http://$store_host"
    start_registry mirror "$WORK/mirror" "token=http://$tokens_host/token"
}
write_idms "$source_host" "$WORK/idms.yaml"
common=("${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --resources "$WORK/resources"
    --progress none -v -v)
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${common[@]}")
one=("$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${common[@]}")
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
b64() {
    printf %s "$1" | base64 -w0
}
no_secret() { # TEXT…: none of them was printed
    local text
    for text; do
        if grep -qF -- "$text" "$WORK/err" "$WORK/out"; then
            fail "a secret was printed: $text"
        fi
    done
}
check_tokens() { # WHO: every token for writing was given to it, and there were few
    local pushes
    if grep -F ':pull,push' "$WORK/tokens.log" | grep -qv " $1 200"; then
        fail "not every token for writing came from $1: $(cat "$WORK/tokens.log")"
    fi
    pushes=$(grep -cF ':pull,push' "$WORK/tokens.log" || :)
    # Three repositories, two of them with a mount from another one.
    ((pushes >= 3 && pushes <= 6)) || fail "$pushes tokens for writing"
    : >"$WORK/tokens.log"
}

# Anonymously: reading is allowed, writing is not.
run 6 "${mirror[@]}" "docker://$mirror_host"
says err "podman login $mirror_host"
[ "$(count mirror 'PUT /v2')" = 0 ] || fail "something was written"

# A wrong password.
printf '{"auths":{"%s":{"auth":"%s"}}}' "$mirror_host" "$(b64 user:guess)" >"$WORK/wrong.json"
run 6 "${mirror[@]}" --dest-authfile "$WORK/wrong.json" "docker://$mirror_host"
says err "incorrect username or password"
no_secret guess "$(b64 user:guess)"
: >"$WORK/tokens.log"

# A password. No blob was read with a token from the store, and none came from the source
# itself.
printf '{"auths":{"%s/ocp4":{"auth":"%s"}}}' "$mirror_host" "$(b64 user:secret)" >"$WORK/auth.json"
run 0 "${mirror[@]}" --authfile "$WORK/auth.json" "docker://$mirror_host"
says err "credentials of $mirror_host/ocp4/openshift4: $WORK/auth.json (auths.$mirror_host/ocp4)"
no_secret secret "$(b64 user:secret)" eyJ
check_tokens user
[ "$(grep -c ' 400$' "$WORK/store.log")" = 0 ] || fail "the store was shown credentials"
grep -q ' 200$' "$WORK/store.log" || fail "the store was not asked"

# What arrived is right, read by one who has a token, too. A second run writes nothing.
stop mirror
start_registry mirror "$WORK/mirror"
check_mirror "$mirror_host" "${path[@]}"
stop mirror

# An identity token, as `docker login` leaves it.
start_registry mirror "$WORK/mirror2" "token=http://$tokens_host/token"
printf '{"auths":{"%s":{"auth":"%s","identitytoken":"r&fresh="}}}' "$mirror_host" \
    "$(b64 '00000000-0000-0000-0000-000000000000:')" >"$WORK/identity.json"
run 0 "${one[@]}" --dest-authfile "$WORK/identity.json" "docker://$mirror_host"
no_secret 'r&fresh=' 'r%26fresh' eyJ
check_tokens refresh
stop mirror

# Helpers: one for the host, which is asked for its password and only once.
mkdir "$WORK/bin"
cat >"$WORK/bin/docker-credential-test" <<'HELPER'
#!/bin/sh
read -r host
echo "$1 $host" >>"$HELPER_LOG"
echo '{"ServerURL":"'"$host"'","Username":"user","Secret":"secret"}'
HELPER
cat >"$WORK/bin/docker-credential-failing" <<'HELPER'
#!/bin/sh
echo "error getting credentials - err: the keychain is locked"
exit 1
HELPER
chmod +x "$WORK"/bin/*
helped=(env "PATH=$WORK/bin:$PATH" "HELPER_LOG=$WORK/helper.log" "${one[@]}" --dest-authfile "$WORK/helpers.json")
start_registry mirror "$WORK/mirror3" "token=http://$tokens_host/token"
printf '{"credHelpers":{"%s":"test"}}' "$mirror_host" >"$WORK/helpers.json"
run 0 "${helped[@]}" "docker://$mirror_host"
says err "(credHelpers.$mirror_host: docker-credential-test)"
no_secret secret "$(b64 user:secret)" eyJ
check_tokens user
diff - "$WORK/helper.log" <<<"get $mirror_host" || fail "how the helper was asked"
stop mirror

# The store for everything, with the empty entries that docker leaves; and one that is broken.
start_registry mirror "$WORK/mirror3" "token=http://$tokens_host/token"
printf '{"credsStore":"test","auths":{"%s":{}}}' "$mirror_host" >"$WORK/helpers.json"
run 0 "${helped[@]}" "docker://$mirror_host"
printf '{"credHelpers":{"%s":"failing"}}' "$mirror_host" >"$WORK/helpers.json"
run 6 "${helped[@]}" "docker://$mirror_host"
says err "docker-credential-failing get: it ended with 1: error getting credentials - err: the keychain is locked"
printf '{"credHelpers":{"%s":"absent"}}' "$mirror_host" >"$WORK/helpers.json"
run 6 "${helped[@]}" "docker://$mirror_host"
says err "there is no such program on PATH"
stop mirror

# A token that lives for seconds is renewed before it ends.
stop tokens
start_service tokens token_service.py --cert "$WORK/token.pem" --key "$WORK/token.key" --lifetime 5
start_registry mirror "$WORK/mirror4" "token=http://$tokens_host/token"
printf '{"auths":{"%s":{"auth":"%s"}}}' "$mirror_host" "$(b64 user:secret)" >"$WORK/auth.json"
stop source
start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
run 0 "${one[@]}" --dest-authfile "$WORK/auth.json" "docker://$mirror_host"

# A store that sends its readers in circles, or somewhere that is no web address: once is
# enough to know.
for moved in "" "file:///etc/passwd?"; do
    start_service moving blob_store.py --root "$WORLD/registry" --moved "$moved"
    stop source
    # shellcheck disable=SC2154
    start_registry source "$WORLD/registry" "redirect=http://$moving_host"
    write_idms "$source_host" "$WORK/idms.yaml"
    run 5 "${one[@]}" --dest-authfile "$WORK/auth.json" "docker://$mirror_host"
    says err "it redirects ${moved:+to something that is no web address}"
    [ -n "$moved" ] || says err "it redirects in circles"
    stop moving
done
