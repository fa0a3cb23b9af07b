#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Addresses of update services, graph-data and signature stores may hold secrets, in their
# user part and in their query: no message shows them, whatever goes wrong.
. "$(dirname "$0")/lib.sh"
need python3

cat >"$WORK/web.py" <<'PY'
import http.server, os, sys
os.chdir(sys.argv[1])
class Handler(http.server.SimpleHTTPRequestHandler):
    def send_head(self):
        self.path = self.path.split("?")[0]
        if self.path.startswith("/page"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Please log in.</html>")
            return None
        return super().send_head()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$WORK/web.py" "$WORLD" >"$WORK/web.port" 2>"$WORK/web.log" &
PIDS[web]=$!
wait_for 20 [ -s "$WORK/web.port" ] || fail "the web server does not start"
web=127.0.0.1:$(cat "$WORK/web.port")
none=127.0.0.1:1

# quiet EXIT COMMAND…: it ends so, and the secret is in nothing that it says.
quiet() {
    run "$@"
    if grep -q hunter2 "$WORK/out" "$WORK/err"; then
        fail "a secret is shown: $(grep -h hunter2 "$WORK/out" "$WORK/err" | head -n 2)"
    fi
}
secret="?sig=hunter2"
plan=("$OC_HOP" plan --from 4.17.20 --to 4.18.12 -v -v)
quiet 5 "${plan[@]}" --upstream "http://user:hunter2@$none/graph$secret"
quiet 5 "${plan[@]}" --upstream "http://user:hunter2@$web/nothing$secret"
says err "GET http://$web/nothing: 404"
quiet 1 "${plan[@]}" --upstream "http://user:hunter2@$web/page$secret"
says err "http://$web/page?channel=stable-4.17"

data=("$OC_HOP" graph-data "oci:$WORK/image:latest")
quiet 5 "${data[@]}" --graph-data "http://user:hunter2@$web/nothing$secret"
says err "GET http://$web/nothing: 404"
quiet 4 "${data[@]}" --graph-data "http://user:hunter2@$web/page$secret"
says err "http://$web/page"
quiet 0 "${data[@]}" --graph-data "http://user:hunter2@$web/graph-data.tar.gz$secret"

mirror=("$OC_HOP" mirror --keyring "$WORLD/update-key.asc" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data
    --dry-run --resources "$WORK/resources" --progress none -v -v)
start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
mirror+=(--idms-file "$WORK/idms.yaml")
for store in "$web/nothing" "$web/page$secret"; do
    quiet 4 "${mirror[@]}" --signature-store "http://user:hunter2@$store" "docker://$none"
done
quiet 0 "${mirror[@]}" --signature-store "http://user:hunter2@$web/signatures" "docker://$none"
quiet 2 "${mirror[@]}" --signature-store "$WORLD/signatures" "docker://user:hunter2@$none"
says err "has a user or password in it"
