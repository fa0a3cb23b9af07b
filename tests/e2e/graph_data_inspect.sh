#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What an image says of its data: labels that come from the data alone, what is really in
# it, whether another one has the same; and what is told of old data.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3 git

start_registry mirror "$WORK/mirror"
image=("$OC_HOP" graph-data "${DATA[@]}" --arch amd64)
# field EXPRESSION: of the JSON that the last run printed
field() {
    python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$WORK/out" "$1"
}
same() { # WHAT WANTED GOT
    [ "$2" = "$3" ] || fail "$1: $3 instead of $2"
}

run 0 "${image[@]}" "oci:$WORK/layout:v1" -o json
tree=$(field 'd["tree"]')
newest=$(field 'd["newest"]')
run 0 "${image[@]}" "docker://$mirror_host/ocp4/graph-data" -o json
digest=$(field 'd["digest"]')
same unchanged False "$(field 'd["unchanged"]')"
run 0 "${image[@]}" "docker-archive:$WORK/image.tar"
says err "days old"

# The same three times, from three places.
for place in "docker://$mirror_host/ocp4/graph-data" "docker://$mirror_host/ocp4/graph-data@$digest" \
    "oci:$WORK/layout:v1" "oci:$WORK/layout" "docker-archive:$WORK/image.tar"; do
    run 0 "$OC_HOP" graph-data --inspect "$place" -o json
    same "tree of $place" "$tree" "$(field 'd["labels"]["tree"]')"
    same "data of $place" "$tree" "$(field 'd["data"]["tree"]')"
    same "newest of $place" "$newest" "$(field 'd["labels"]["newest"]')"
    same "format of $place" 1.1.0 "$(field 'd["data"]["version"]')"
    same "channels of $place" "$(ls "$WORLD/graph-data/channels" | wc -l)" "$(field 'd["data"]["channels"]')"
    same "blocked edges of $place" "$(ls "$WORLD/graph-data/blocked-edges" | wc -l)" "$(field 'd["data"]["blocked_edges"]')"
    same "files of $place" "$(find "$WORLD/graph-data" -type f | wc -l)" "$(field 'd["data"]["files"]')"
    same "architectures of $place" "['amd64']" "$(field 'd["architectures"]')"
done
run 0 "$OC_HOP" graph-data --inspect "docker://$mirror_host/ocp4/graph-data" -o json
same digest "$digest" "$(field 'd["digest"]')"
run 0 "$OC_HOP" graph-data --inspect "oci:$WORK/layout"
says out "tree:          $tree"
says out "newest file:   $newest"

# A list, too.
run 0 "$OC_HOP" graph-data "${DATA[@]}" "docker://$mirror_host/ocp4/many"
run 0 "$OC_HOP" graph-data --inspect "docker://$mirror_host/ocp4/many"
says out "tree:          $tree"

# The labels come from the data: no path, host, user or clock stands in the image.
for place in "$WORK/layout"; do
    if grep -rlaF -e "$WORK" -e "$(hostname)" -e "$(date -u +%Y-%m-%d)" "$place/index.json" "$place/blobs" | grep .; then
        fail "the image speaks of this machine or day"
    fi
done

# ---- comparing ----

cp -r "$WORLD/graph-data" "$WORK/tree"
run 0 "$OC_HOP" graph-data --inspect "docker://$mirror_host/ocp4/graph-data" --compare "docker-archive:$WORK/image.tar"
says out "same data"
run 0 "$OC_HOP" graph-data --inspect "oci:$WORK/layout" --compare "$WORK/tree"
run 0 "$OC_HOP" graph-data --inspect "oci:$WORK/layout" --compare "$WORLD/graph-data.tar.gz" -o json
same same True "$(field 'd["compare"]["same"]')"
printf 'to: 4.18.12\nfrom: 4[.]17[.].*\n' >"$WORK/tree/blocked-edges/new.yaml"
rm "$WORK/tree/LICENSE"
echo '# changed' >>"$WORK/tree/channels/stable-4.18.yaml"
run 1 "$OC_HOP" graph-data --inspect "oci:$WORK/layout" --compare "$WORK/tree"
says out "other data"
says out "+ blocked-edges/new.yaml"
says out "- LICENSE"
says out "! channels/stable-4.18.yaml"
run 1 "$OC_HOP" graph-data --inspect "oci:$WORK/layout" --compare "$WORK/tree" -o json
same "only there" "['blocked-edges/new.yaml']" "$(field 'd["compare"]["only_in_other"]')"

# An image that somebody else built has no labels, but its data is seen.
python3 - "$WORLD/graph-data" "$WORK/foreign" <<'PY'
import gzip, hashlib, io, json, os, sys, tarfile
source, layout = sys.argv[1:]
os.makedirs(f"{layout}/blobs/sha256")
def blob(data):
    name = hashlib.sha256(data).hexdigest()
    open(f"{layout}/blobs/sha256/{name}", "wb").write(data)
    return {"digest": "sha256:" + name, "size": len(data)}
raw = io.BytesIO()
with tarfile.open(fileobj=raw, mode="w") as t:
    t.add(source, arcname="./var/lib/cincinnati-graph-data")
config = blob(json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers",
    "diff_ids": ["sha256:" + hashlib.sha256(raw.getvalue()).hexdigest()]}}).encode())
config["mediaType"] = "application/vnd.oci.image.config.v1+json"
layer = blob(gzip.compress(raw.getvalue()))
layer["mediaType"] = "application/vnd.oci.image.layer.v1.tar+gzip"
manifest = blob(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": config, "layers": [layer]}).encode())
manifest["mediaType"] = "application/vnd.oci.image.manifest.v1+json"
open(f"{layout}/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
open(f"{layout}/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
PY
run 0 "$OC_HOP" graph-data --inspect "oci:$WORK/foreign" --compare "oci:$WORK/layout"
says out "no label: not built by oc-hop"
says out "same data"

# A label that is not true is found out.
python3 - "$WORK/foreign" "$tree" <<'PY'
import glob, hashlib, json, os, sys
layout, tree = sys.argv[1:]
index = json.load(open(f"{layout}/index.json"))
path = lambda digest: f"{layout}/blobs/" + digest.replace(":", "/")
manifest = json.load(open(path(index["manifests"][0]["digest"])))
config = json.load(open(path(manifest["config"]["digest"])))
config["config"]["Labels"] = {"oc-hop.graph-data.tree": tree[:-1] + ("0" if tree[-1] != "0" else "1")}
def put(document, descriptor):
    data = json.dumps(document).encode()
    descriptor["digest"] = "sha256:" + hashlib.sha256(data).hexdigest()
    descriptor["size"] = len(data)
    open(path(descriptor["digest"]), "wb").write(data)
put(config, manifest["config"])
put(manifest, index["manifests"][0])
json.dump(index, open(f"{layout}/index.json", "w"))
PY
run 4 "$OC_HOP" graph-data --inspect "oci:$WORK/foreign"
says err "but its label says"

run 2 "$OC_HOP" graph-data --compare "oci:$WORK/layout"
says err "--compare goes with --inspect"
run 2 "$OC_HOP" graph-data --inspect "$WORK/tree"
says err "--inspect $WORK/tree: expected"
run 2 "$OC_HOP" graph-data --inspect "oci:$WORK/layout" "oci:$WORK/other"
run 5 "$OC_HOP" graph-data --inspect "docker://$mirror_host/no/such:image" --tls-verify=false
run 4 "$OC_HOP" graph-data --inspect "docker-archive:$WORLD/graph-data.tar.gz"

# ---- unchanged data ----

forget mirror
run 0 "${image[@]}" "docker://$mirror_host/ocp4/graph-data" -o json
same unchanged True "$(field 'd["unchanged"]')"
run 0 "${image[@]}" "docker://$mirror_host/ocp4/graph-data"
says err "the image was there already, nothing was pushed"
[ "$(count mirror '(PUT|PATCH) ')" = 0 ] || fail "unchanged data was pushed"

# ---- the revision: a commit, or what a server calls the state of its archive ----

git init -q "$WORK/git"
cp -r "$WORLD/graph-data/." "$WORK/git/"
git -C "$WORK/git" -c user.name=t -c user.email=t@t add .
git -C "$WORK/git" -c user.name=t -c user.email=t@t commit -q -m data
commit=$(git -C "$WORK/git" rev-parse HEAD)
git -C "$WORK/git" archive --prefix=graph-data/ -o "$WORK/git.tar.gz" HEAD
run 0 "$OC_HOP" graph-data --graph-data "$WORK/git.tar.gz" --arch amd64 "oci:$WORK/git-image" -o json
same revision "$commit" "$(field 'd["revision"]')"
run 0 "$OC_HOP" graph-data --inspect "oci:$WORK/git-image" --compare "oci:$WORK/layout"
says out "revision:      $commit"

mkdir "$WORK/web"
cat >"$WORK/web/serve.py" <<'PY'
import http.server, sys
data = open(sys.argv[1], "rb").read()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        etag = {"/weak": 'W/"weak-1"', "/odd": '"a b"', "/none": None}.get(self.path, '"5f:1:a"')
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$WORK/web/serve.py" "$WORLD/graph-data.tar.gz" >"$WORK/web/port" &
PIDS[web]=$!
wait_for 20 test -s "$WORK/web/port" || fail "the web server does not start"
port=$(cat "$WORK/web/port")
revision_at() { # PATH
    run 0 "$OC_HOP" graph-data --graph-data "http://127.0.0.1:$port$1" --tls-verify=false --arch amd64 "oci:$WORK/web-image" -o json
    field 'd.get("revision")'
}
same "strong ETag" 5f:1:a "$(revision_at /graph-data)"
same "weak ETag" weak-1 "$(revision_at /weak)"
same "odd ETag" None "$(revision_at /odd)"
same "no ETag" None "$(revision_at /none)"

# ---- data that is older than the plan ----

run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" "${GRAPHS[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
run 0 "${image[@]}" --plan "$WORK/plan.json" "oci:$WORK/fresh"
! grep -q 'older than the plan' "$WORK/err" || fail "fresh data is called old"
cp -r "$WORLD/graph-data" "$WORK/old"
sed -i '/4\.18\.12/d' "$WORK/old"/channels/*
sed -i '/4\.18\.9/d' "$WORK/old/channels/stable-4.18.yaml"
for flag in --plan --prune; do
    run 0 "$OC_HOP" graph-data --graph-data "$WORK/old" --arch amd64 --no-lint $flag "$WORK/plan.json" "oci:$WORK/old-image"
    says err "warning: graph-data is older than the plan: no channel in it has 4.18.12"
done
start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${GRAPHS[@]}" --graph-data "$WORK/old" --no-lint --idms-file "$WORK/idms.yaml" \
    "${TRUST[@]}" --dry-run "docker://$mirror_host"
says err "warning: graph-data is older than the plan: no channel in it has 4.18.12"
