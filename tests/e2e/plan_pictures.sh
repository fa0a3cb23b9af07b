#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# plan -o dot, svg and html: read by parsers of their own, the same bytes twice, and the
# same exit codes as the text.
. "$(dirname "$0")/lib.sh"
need python3
check=(python3 "$HERE/check_picture.py")
plan=("$OC_HOP" plan "${GRAPHS[@]}")

# twice CODE ARGUMENT…: what two runs print is the same; it stays in $WORK/out.
twice() {
    local want=$1
    shift
    run "$want" "$@"
    cp "$WORK/out" "$WORK/first"
    run "$want" "$@"
    cmp "$WORK/first" "$WORK/out" || fail "another run draws otherwise: $*"
}

pictures() { # CODE ARGUMENT…
    local want=$1
    shift
    twice "$want" "$@" -o svg
    run 0 "${check[@]}" svg "$WORK/first" 240 600
    twice "$want" "$@" -o html
    run 0 "${check[@]}" html "$WORK/first"
    twice "$want" "$@" -o dot
    says out "digraph updates {"
    if command -v dot >/dev/null; then
        run 0 dot -Tcanon "$WORK/first"
    fi
}

pictures 0 "${plan[@]}" "${PATH_FLAGS[@]}" --paths 3
pictures 3 "${plan[@]}" --from 4.17.20 --to 4.18.12
run 3 "${plan[@]}" --from 4.17.20 --to 4.18.12 -o html
says out "--accept-risk $RISK"

# Every update on request; that is one for every pair that the graphs list.
run 0 "${plan[@]}" "${PATH_FLAGS[@]}" --all-edges -o svg
cp "$WORK/out" "$WORK/all.svg"
run 0 "${check[@]}" svg "$WORK/all.svg" 240 100000
run 2 "${plan[@]}" "${PATH_FLAGS[@]}" --all-edges
says err "--all-edges: belongs to -o dot, svg or html"
run 2 "${plan[@]}" "${PATH_FLAGS[@]}" -o png
says err "expected text, json, dot, svg or html"
run 0 "${plan[@]}" "${PATH_FLAGS[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
run 2 "${plan[@]}" --check "$WORK/plan.json" -o svg
says err "--check"

# Without a way and without known versions there is still a page.
pictures 3 "${plan[@]}" --from 4.18.12 --to 4.17.20
run 3 "${plan[@]}" --from 4.3.1 --to 4.3.2 -o html
cp "$WORK/out" "$WORK/nothing.html"
run 0 "${check[@]}" html "$WORK/nothing.html"

# Text from outside.
hostile=("$OC_HOP" plan --graph "stable-4.1=$HERE/../fixtures/hostile/graph.json" --from 4.1.0 --to 4.1.2)
pictures 3 "${hostile[@]}" --paths 3
for format in text json dot svg html; do
    run 3 "${hostile[@]}" -o "$format"
    if LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$WORK/out"; then
        fail "-o $format prints control characters"
    fi
    iconv -f utf-8 -t utf-8 "$WORK/out" >/dev/null || fail "-o $format prints what is no UTF-8"
done
