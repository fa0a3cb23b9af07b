#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# plan -o html in a real browser: find, filter, zoom and walk with mouse and keys; light,
# dark, small and without scripts; hostile text. Needs node, chromium, and playwright-core
# in NODE_PATH or build/page (tests/run --long puts it there).
. "$(dirname "$0")/lib.sh"
need node chromium
export NODE_PATH=${NODE_PATH:-$HERE/../../build/page/node_modules}
if [ ! -d "$NODE_PATH/playwright-core" ]; then
    echo "skipped: playwright-core is not installed; tests/run --long installs it"
    exit 77
fi
CHROMIUM=$(command -v chromium)
export CHROMIUM

run 0 "$OC_HOP" plan "${GRAPHS[@]}" "${PATH_FLAGS[@]}" --paths 3 -o html
cp "$WORK/out" "$WORK/plan.html"
run 3 "$OC_HOP" plan --graph "stable-4.1=$HERE/../fixtures/hostile/graph.json" \
    --from 4.1.0 --to 4.1.2 --paths 3 -o html
cp "$WORK/out" "$WORK/hostile.html"
run 3 "$OC_HOP" plan "${GRAPHS[@]}" --from 4.18.12 --to 4.17.20 -o html
cp "$WORK/out" "$WORK/unreachable.html"

picture=${HOP_PICTURE:-$WORK/page.png}
run 0 node "$HERE/plan_page.mjs" "$WORK/plan.html" "$WORK/hostile.html" "$WORK/unreachable.html" "$picture"
[ -s "$picture" ] || fail "there is no screenshot"
