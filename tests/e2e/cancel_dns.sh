#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A name server that says nothing: Ctrl-C does not wait for it.
if [ -z "${HOP_ALONE:-}" ]; then
    up='import fcntl, socket, struct
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, struct.pack("16sh", b"lo", 0x1))'
    for how in "unshare --net --mount" "unshare --map-root-user --net --mount"; do
        if $how python3 -c "$up" 2>/dev/null; then
            export HOP_ALONE=1
            exec $how sh -c "python3 -c '$up' && exec bash \"\$@\"" sh "$0" "$@"
        fi
    done
    echo "skipped: no namespaces here"
    exit 77
fi
. "$(dirname "$0")/lib.sh"
need python3

printf 'nameserver 127.0.0.1\noptions timeout:25 attempts:3\n' >"$WORK/resolv.conf"
printf 'hosts: files dns\n' >"$WORK/nsswitch.conf"
for file in resolv.conf nsswitch.conf; do
    mount --bind "$WORK/$file" "/etc/$file" || { echo "skipped: nothing can be mounted here"; exit 77; }
done
python3 - >"$WORK/asked" <<'PY' &
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
while True:
    print(s.recv(512), flush=True)
PY
PIDS[names]=$!
wait_for 30 grep -qE ':0035 ' /proc/net/udp || fail "no name server"

# cancel NAME COMMAND…: one Ctrl-C while the name is being asked for
cancel() {
    local got=0 asked_ms took_ms name=$1
    shift
    "$@" >"$WORK/out" 2>"$WORK/err" &
    PIDS[run]=$!
    wait_for 30 grep -q "$name" "$WORK/asked" || fail "$name was not asked for: $(tail -n 3 "$WORK/err")"
    kill -INT "${PIDS[run]}"
    asked_ms=$(date +%s%3N)
    wait "${PIDS[run]}" || got=$?
    unset 'PIDS[run]'
    took_ms=$(($(date +%s%3N) - asked_ms))
    [ "$got" = 130 ] || fail "$name: exit code $got instead of 130: $(tail -n 3 "$WORK/err")"
    [ "$took_ms" -lt 15000 ] || fail "$name: the run ended $took_ms ms after the signal"
}
cancel registry "$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data --resources "$WORK/resources" \
    --progress none docker://registry.silent.test:5000
cancel updates "$OC_HOP" plan --from 4.17.20 --to 4.18.12 --upstream https://updates.silent.test/graph
