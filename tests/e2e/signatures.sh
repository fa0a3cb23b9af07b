#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# OpenPGP signatures of releases: what counts, what does not and why, and that nothing of a
# release moves before somebody has vouched for it. Keys and messages are made with gpg.
. "$(dirname "$0")/lib.sh"
need docker-registry gpg python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
# shellcheck disable=SC2154
write_idms "$source_host" "$WORK/idms.yaml"

# ---- keys and messages ----

export GNUPGHOME=$WORK/gnupg
mkdir -m 700 "$GNUPGHOME"
gpg=(gpg --quiet --batch --no-tty --pinentry-mode loopback --passphrase '' --trust-model always)
# The agent of this home ends with the test, before the directory goes away.
end() {
    local status=$?
    gpgconf --kill all
    (exit "$status")
    cleanup
}
trap end EXIT
for name in alice mallory; do
    "${gpg[@]}" --quick-generate-key "$name@example.com" rsa2048 sign never 2>"$WORK/gpg.log" ||
        fail "gpg: $(cat "$WORK/gpg.log")"
    "${gpg[@]}" --armor --export "$name@example.com" >"$WORK/$name.asc"
done

payload=$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
print(*[r["payload"] for r in json.load(open(sys.argv[1]))["releases"]
        if (r["version"], r["arch"]) == ("4.18.9", "amd64")])
PY
)
hex=${payload#sha256:}

message() { # DIGEST [TYPE]
    printf '{"critical":{"image":{"docker-manifest-digest":"%s"},"type":"%s","identity":{"docker-reference":"quay.io/a/b:c"}},"optional":{"creator":"test"}}' \
        "$1" "${2:-atomic container signature}"
}
sign() { # GPG-FLAG…: signs standard input
    "${gpg[@]}" "$@" --sign
}

# store NAME: an empty store; its first signature is $at.
store() {
    at=$WORK/$1/sha256=$hex/signature-1
    mkdir -p "${at%/*}"
}

mirror() { # EXIT STORE FLAG…
    local want=$1 from=$2
    shift 2
    forget mirror
    forget source
    run "$want" "$OC_HOP" mirror --release 4.18.9 "${GRAPHS[@]}" --no-graph-data --idms-file "$WORK/idms.yaml" \
        --resources "$WORK/resources" --progress none --signature-store "$from" "$@" "docker://$mirror_host"
}

# refused STORE SENTENCE FLAG…: exit 4 with the sentence, and not one byte was sent.
refused() {
    local from=$1 sentence=$2
    shift 2
    mirror 4 "$from" "$@"
    says err "$sentence"
    says err 4.18.9
    [ "$(count mirror '(POST|PUT|PATCH) ')" = 0 ] || fail "$from: something was sent to the mirror"
    [ ! -e "$WORK/resources" ] || fail "$from: resources were written"
}
alice=(--keyring "$WORK/alice.asc")

# ---- what does not count ----

mkdir "$WORK/empty"
refused "$WORK/empty" "no signature of $payload was found" "${alice[@]}"

store unsigned
message "$payload" | "${gpg[@]}" --store >"$at"
refused "$WORK/unsigned" "not signed" "${alice[@]}"

store wrong-key
message "$payload" | sign -u mallory@example.com >"$at"
refused "$WORK/wrong-key" "no keyring holds" "${alice[@]}"

store wrong-digest
message "sha256:$(printf x | sha256sum | cut -d' ' -f1)" | sign -u alice@example.com >"$at"
refused "$WORK/wrong-digest" "it vouches for sha256:" "${alice[@]}"

store wrong-type
message "$payload" "cosign container image signature" | sign -u alice@example.com >"$at"
refused "$WORK/wrong-type" 'the type is "cosign' "${alice[@]}"

store good
message "$payload" | sign -u alice@example.com >"$at"
good=$at
store truncated
head -c "$(($(stat -c %s "$good") - 40))" "$good" >"$at"
refused "$WORK/truncated" "no signature vouches" "${alice[@]}"

store flipped
message "$payload" | sign --compress-algo none -u alice@example.com >"$WORK/plain"
python3 - "$WORK/plain" "$at" <<'PY'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[b.index(b"creator")] ^= 1
open(sys.argv[2], "wb").write(b)
PY
refused "$WORK/flipped" "was changed" "${alice[@]}"

store expired
message "$payload" | sign --faked-system-time 20240101T000000! --ignore-time-conflict --ignore-valid-from \
    --default-sig-expire 1d -u alice@example.com >"$at" 2>"$WORK/gpg.log"
refused "$WORK/expired" "expired" "${alice[@]}"

store sha1
message "$payload" | sign --digest-algo SHA1 --weak-digest MD5 -u alice@example.com >"$at"
refused "$WORK/sha1" "SHA-1" "${alice[@]}"

store clear
message "$payload" | "${gpg[@]}" -u alice@example.com --clear-sign >"$at"
refused "$WORK/clear" "clear-signed" "${alice[@]}"

store detached
message "$payload" | "${gpg[@]}" -u alice@example.com --detach-sign >"$at"
refused "$WORK/detached" "detached" "${alice[@]}"

store armored
message "$payload" | sign --armor -u alice@example.com >"$at"
refused "$WORK/armored" "armored" "${alice[@]}"

store bomb
head -c 64M /dev/zero | sign --compress-algo zip -z 9 -u alice@example.com >"$at"
refused "$WORK/bomb" "unpacks to far too much" "${alice[@]}"

store large
head -c 1M /dev/urandom >"$at"
refused "$WORK/large" "too large" "${alice[@]}"

# The payload's own key does not count: it came with what it vouches for.
refused "$WORLD/signatures" "none of the pinned release keys"
says err "--keyring"

# A store that answers every question with a page.
mkdir "$WORK/web"
start_store() { # NAME DIRECTORY: sets NAME_host
    python3 - "$2" >"$WORK/$1.out" 2>"$WORK/$1.log" <<'PY' &
import http.server, os, sys
class Store(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = sys.argv[1] + self.path
        page = not os.listdir(sys.argv[1])
        found = page or os.path.isfile(path)
        body = b"<html>log in</html>" if page else open(path, "rb").read() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", 0), Store)
print("listening on 127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
PY
    PIDS[$1]=$!
    wait_for 20 proxy_is_up "$WORK/$1.out" "${PIDS[$1]}" || fail "the store does not start"
    printf -v "${1}_host" '%s' "$(sed -n 's/.*listening on //p' "$WORK/$1.out")"
}
start_store web "$WORK/web"
# shellcheck disable=SC2154
refused "http://$web_host/any" "web page" "${alice[@]}"

# A store that is not there: 5, as a rerun may cure it; with another one that answers, a warning.
stop web
mirror 5 "http://$web_host/any" "${alice[@]}"
says err "$web_host"

# A validly signed older release under a newer name.
sed "s/$payload/$(sed -n 's/.*"payload": "\(sha256:[0-9a-f]*\)".*/\1/p' "$WORLD/expected.json" | head -n 1)/" \
    "$WORLD/graphs/stable-4.18.json" >"$WORK/renamed.json"
forget mirror
run 4 "$OC_HOP" mirror --release 4.18.9 --graph "stable-4.18=$WORK/renamed.json" "${TRUST[@]}" --no-graph-data \
    --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --progress none "docker://$mirror_host"
says err "it is release 4.17.20, not 4.18.9"
[ "$(count mirror '(POST|PUT|PATCH) ')" = 0 ] || fail "a renamed release was sent to the mirror"

# Mistakes are told before anything is asked.
run 2 "$OC_HOP" mirror --release 4.18.9 "${GRAPHS[@]}" --signature-store "$WORK/nowhere" "docker://$mirror_host"
says err "there is no such directory"
run 2 "$OC_HOP" mirror --release 4.18.9 "${GRAPHS[@]}" --insecure-skip-signatures "${alice[@]}" "docker://$mirror_host"
says err "excludes"
printf 'no key\n' >"$WORK/no-key"
run 1 "$OC_HOP" mirror --release 4.18.9 "${GRAPHS[@]}" --keyring "$WORK/no-key" "docker://$mirror_host"
says err "read keyring"

# ---- what counts ----

# Two signers of whom one is known; a bad first signature and a good second one; a store that
# is gone beside one that has it.
store two
start_store web "$WORK/two"
message "$payload" | sign -u mallory@example.com -u alice@example.com >"$WORK/both"
cp "$WORK/truncated/sha256=$hex/signature-1" "$at"
cp "$WORK/both" "${at%1}2"
cp "$good" "${at%1}3"
mirror 0 "http://$web_host" "${alice[@]}" --signature-store "http://127.0.0.1:9/gone" -o json
says err "127.0.0.1:9"
python3 - "$WORK/out" <<'PY'
import json, sys
doc = json.load(open(sys.argv[1]))
assert doc["signatures"] == "checked", doc["signatures"]
(release,) = doc["verified"]
assert release["verified"], release
assert [s["good"] for s in release["signatures"]] == [False, True, True], release
assert all(s["keyring"].endswith("alice.asc") for s in release["signatures"][1:])
PY

# All that are good, and only these, are in the ConfigMap, byte for byte; gpg agrees.
config_map=$(find "$WORK/resources/signatures" -name '*.yaml')
python3 - "$config_map" "$WORK" <<'PY'
import base64, re, sys
values = re.findall(r'^  "?(sha256-[0-9a-f]{64}-\d+)"?: "?([A-Za-z0-9+/=]+)"?$', open(sys.argv[1]).read(), re.M)
assert len(values) == 2, values
for n, (_, value) in enumerate(values, 1):
    open(f"{sys.argv[2]}/extracted-{n}", "wb").write(base64.b64decode(value))
PY
cmp "$WORK/extracted-1" "$WORK/both" && cmp "$WORK/extracted-2" "$good" || fail "the ConfigMap has other bytes"
"${gpg[@]}" --decrypt "$WORK/extracted-2" >"$WORK/text" 2>"$WORK/gpg.log" || fail "gpg does not accept what the ConfigMap holds"
grep -qF "$payload" "$WORK/text" || fail "the signed text is another one"
"${gpg[@]}" --verify "$WORK/extracted-2" 2>"$WORK/gpg.log" || fail "gpg --verify: $(cat "$WORK/gpg.log")"

# The explicit way out shouts, and gives the cluster nothing to rely on.
rm -rf "$WORK/resources"
run 0 "$OC_HOP" mirror --release 4.18.9 "${GRAPHS[@]}" --no-graph-data --idms-file "$WORK/idms.yaml" \
    --resources "$WORK/resources" --progress none --insecure-skip-signatures "docker://$mirror_host"
says err "RELEASE SIGNATURES ARE NOT CHECKED"
[ ! -e "$WORK/resources/signatures" ] || fail "signatures that nobody checked are among the resources"
grep -qF "switched off" "$WORK/resources/RUNBOOK.md" || fail "the runbook does not say that nothing was checked"
