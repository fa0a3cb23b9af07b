#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# plan asks an update service as it wants to be asked, and says plainly what it did not like.
. "$(dirname "$0")/lib.sh"
need python3

service_is_up() {
    [ -s "$WORK/port" ]
}

mkdir "$WORK/graphs"
for channel in stable-4.17 stable-4.18; do
    cp "$WORLD/graphs/$channel.json" "$WORK/graphs/$channel-amd64.json"
done
python3 "$HERE/update_service.py" "$WORK/graphs" "$WORK/port" "$WORK/requests" &
PIDS[service]=$!
wait_for 20 service_is_up || fail "the update service does not start"
base=http://127.0.0.1:$(cat "$WORK/port")
url=$base/api/upgrades_info/v1/graph

# The channels follow from the versions; one exact media type; the answers are kept.
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" --upstream "$url" --save-graphs "$WORK/saved" -o json
cp "$WORK/out" "$WORK/online.json"
diff - "$WORK/requests" <<EOF
GET /api/upgrades_info/v1/graph?channel=stable-4.17&arch=amd64 application/json
GET /api/upgrades_info/v1/graph?channel=stable-4.18&arch=amd64 application/json
EOF
cmp "$WORK/saved/stable-4.17-amd64.json" "$WORLD/graphs/stable-4.17.json"

# The kept answers give the same plan without a network.
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" -o json \
    --graph "stable-4.17/amd64=$WORK/saved/stable-4.17-amd64.json" \
    --graph "stable-4.18/amd64=$WORK/saved/stable-4.18-amd64.json"
cmp "$WORK/out" "$WORK/online.json"

# Streams whose channels are empty are an unknown version, not a crash.
run 3 "$OC_HOP" plan "${PATH_FLAGS[@]}" --upstream "$url" --stream fast
says out "4.17.20"

# A query that is in the URL already stays.
: >"$WORK/requests"
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" --upstream "$url?id=7" --channel stable-4.17 --channel stable-4.18
grep -qF "graph?id=7&channel=stable-4.17&arch=amd64" "$WORK/requests"

# OKD: a channel by its name, versions with a name in them.
python3 - "$WORK/graphs/4-scos-stable-amd64.json" <<'PY'
import json, sys
versions = ["4.17.0-okd-scos.0", "4.17.0-okd-scos.1", "4.18.0-okd-scos.0", "4.18.0-okd-scos.ec.3"]
nodes = [{"version": v, "payload": "r.example/okd@sha256:" + f"{i:064x}", "metadata": {}} for i, v in enumerate(versions)]
json.dump({"version": 1, "nodes": nodes, "edges": [[0, 1], [1, 2], [1, 3]], "conditionalEdges": []}, open(sys.argv[1], "w"))
PY
run 0 "$OC_HOP" plan --from 4.17.0-okd-scos.0 --to 4.18 --channel 4-scos-stable --upstream "$url"
says out "4.17.0-okd-scos.0 to 4.18.0-okd-scos.0 (amd64): 2 hops"
run 0 "$OC_HOP" plan --from 4.17.0-okd-scos.0 --to 4.18.0-okd-scos.ec.3 --channel 4-scos-stable --upstream "$url"
says out "Not generally available: 4.18.0-okd-scos.ec.3 (pre-release)"

# A web server with one graph answers the same for every channel; there is an end to asking.
cp "$WORLD/graphs/stable-4.18.json" "$WORK/graphs/static-amd64.json"
: >"$WORK/requests"
run 0 "$OC_HOP" plan --from 4.17.20 --to latest --accept-risk "$RISK" --upstream "$base/static"
says out "4.17.20 to 4.18.12"
[ "$(wc -l <"$WORK/requests")" -lt 10 ] || fail "asks on and on: $(wc -l <"$WORK/requests") requests"

# Trouble that passes is waited out; what is no update service is said to be none.
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" --upstream "$base/flaky"
run 1 "$OC_HOP" plan "${PATH_FLAGS[@]}" --upstream "$base/html"
says err "read channel stable-4.17"
rm "$WORK/port"

# An error of the service is shown as its sentence.
mv "$WORK/graphs/stable-4.17-amd64.json" "$WORK/graphs/broken-amd64.json"
printf '{"nodes":[{"version":"4.x"}]}' >"$WORK/graphs/bad-amd64.json"
run 1 "$OC_HOP" plan "${PATH_FLAGS[@]}" --upstream "$url" --channel bad
says err "nodes[0]"

# The proxy variables are honoured: the proxy sees the absolute URL.
: >"$WORK/requests"
run 0 env http_proxy="$base" no_proxy= "$OC_HOP" plan "${PATH_FLAGS[@]}" --channel stable-4.18 \
    --upstream http://updates.invalid/graph
grep -qF "GET http://updates.invalid/graph?channel=stable-4.18&arch=amd64 application/json" "$WORK/requests"

# Nobody there.
stop service
run 5 "$OC_HOP" plan "${PATH_FLAGS[@]}" --upstream "$url"
says err "read channel stable-4.17"
