#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Behind a proxy: every connection goes through it, graphs, redirected blobs and tokens
# included; what no_proxy names goes around; a refusal is final and says what to do.
. "$(dirname "$0")/lib.sh"
need docker-registry python3 openssl

make_ca
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=token service" -keyout "$WORK/token.key" \
    -out "$WORK/token.pem" 2>"$WORK/openssl.log" || fail "openssl: $(tail -n 5 "$WORK/openssl.log")"
service_is_up() {
    [ -s "$WORK/port" ]
}
mkdir "$WORK/graphs"
for channel in stable-4.17 stable-4.18; do
    cp "$WORLD/graphs/$channel.json" "$WORK/graphs/$channel-amd64.json"
done
python3 "$HERE/update_service.py" "$WORK/graphs" "$WORK/port" "$WORK/requests" &
PIDS[updates]=$!
wait_for 20 service_is_up || fail "the update service does not start"
# shellcheck disable=SC2154
{
    start_service tokens token_service.py --cert "$WORK/token.pem" --key "$WORK/token.key" \
        --tls-cert "$WORK/server.pem" --tls-key "$WORK/server.key"
    start_service store blob_store.py --root "$WORLD/registry" --cert "$WORK/server.pem" --key "$WORK/server.key"
    start_registry source "$WORLD/registry" tls "token=https://tokens.site.test/token" "redirect=https://store.site.test/s3"
    start_registry mirror "$WORK/mirror" tls
    start_service proxy forward_proxy.py --login "user:p%40ss" \
        --map "updates.site.test:80=127.0.0.1:$(cat "$WORK/port")" \
        --map "tokens.site.test:443=$tokens_host" --map "store.site.test:443=$store_host" \
        --map "source.site.test:443=$source_host" --map "mirror.site.test:5000=$mirror_host"
}
write_idms source.site.test "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --ca "$WORK/ca.pem"
    --upstream http://updates.site.test/graph --resources "$WORK/resources" --progress none -v -v
    docker://mirror.site.test:5000)
away=(env -u http_proxy -u https_proxy -u no_proxy -u HTTP_PROXY -u HTTPS_PROXY -u NO_PROXY)
# shellcheck disable=SC2154
proxy=http://user:p%2540ss@$proxy_host

# The names are known to the proxy alone. Upper case, as other programs have it.
run 0 "${away[@]}" HTTP_PROXY="$proxy" HTTPS_PROXY="$proxy" "${mirror[@]}"
for place in "GET http://updates.site.test/graph" "CONNECT tokens.site.test:443" "CONNECT store.site.test:443" \
    "CONNECT source.site.test:443" "CONNECT mirror.site.test:5000"; do
    grep -qF "$place" "$WORK/proxy.log" || fail "the proxy was not asked: $place"
done
if grep -vq ' 200$' "$WORK/proxy.log"; then
    fail "the proxy refused something: $(grep -v ' 200$' "$WORK/proxy.log" | head -n 3)"
fi
if grep -qF 'p%40ss' "$WORK/err" || grep -qF 'p%2540ss' "$WORK/err"; then
    fail "the proxy's password was printed"
fi
stop mirror
start_registry mirror "$WORK/mirror" tls
check_mirror "$mirror_host" --ca "$WORK/ca.pem" --start 4.17.20/amd64 --release 4.17.24/amd64 \
    --release 4.18.9/amd64 --release 4.18.12/amd64

# Without a login the proxy refuses once, and is not asked again and again.
: >"$WORK/proxy.log"
run 5 "${away[@]}" https_proxy="http://$proxy_host" "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" \
    --idms-file "$WORK/idms.yaml" --ca "$WORK/ca.pem" --resources "$WORK/resources" --progress none \
    docker://mirror.site.test:5000
says err "407"
says err "no_proxy goes around it"
[ "$(grep -c 'CONNECT source.site.test' "$WORK/proxy.log")" = 1 ] || fail "the proxy was asked again after 407"

# Graphs of a proxy that refuses.
run 5 "${away[@]}" http_proxy="http://$proxy_host" "$OC_HOP" plan "${PATH_FLAGS[@]}" \
    --upstream http://updates.site.test/graph
says err "407"

# A proxy that is none.
run 2 "${away[@]}" https_proxy="ftp://user:hunter2@proxy" "${mirror[@]}"
says err 'https_proxy: "proxy" is no proxy'
if grep -q hunter2 "$WORK/err"; then
    fail "the proxy's password was printed"
fi

# What no_proxy names is looked for directly, where these names lead nowhere; loopback is
# never asked for through a proxy.
: >"$WORK/proxy.log"
run 5 "${away[@]}" https_proxy="$proxy" http_proxy="$proxy" NO_PROXY=".site.test" "$OC_HOP" plan "${PATH_FLAGS[@]}" \
    --upstream http://updates.site.test/graph
run 0 "${away[@]}" https_proxy="$proxy" http_proxy="$proxy" "$OC_HOP" plan "${PATH_FLAGS[@]}" \
    --upstream "http://127.0.0.1:$(cat "$WORK/port")/graph"
[ ! -s "$WORK/proxy.log" ] || fail "the proxy was asked: $(head -n 3 "$WORK/proxy.log")"
