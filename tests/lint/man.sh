#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The man page of every verb is one that groff has nothing to say about, with its sections
# and every flag that --help knows; and --help fits a terminal. Usage: man.sh OC_HOP
set -euo pipefail
oc_hop=$1
command -v groff >/dev/null || {
    echo "skipped: groff is not installed"
    exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/oc-hop-man.XXXXXX")
trap 'rm -rf "$work"' EXIT
status=0

complain() {
    printf '%s\n' "$*" >&2
    status=1
}

verbs=$("$oc_hop" help | sed -n 's/^  oc-hop \([a-z-]*\) .*/\1/p')
[ "$(wc -w <<<"$verbs")" -ge 8 ] || complain "help lists too few verbs: $verbs"
for verb in $verbs; do
    "$oc_hop" help --man "$verb" >"$work/page"
    groff -man -Tutf8 -ww -P-c <"$work/page" >"$work/text" 2>"$work/warnings" ||
        complain "$verb: groff fails"
    [ ! -s "$work/warnings" ] || complain "$verb: $(cat "$work/warnings")"
    # -P-c writes bold as X, backspace, X.
    sed -i 's/.\x08//g' "$work/text"
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS "EXIT STATUS" ENVIRONMENT FILES EXAMPLES; do
        grep -qx "$section" "$work/text" || complain "$verb: no section $section"
    done
    "$oc_hop" "$verb" --help >"$work/help"
    ! grep -nE '.{81}' "$work/help" >&2 || complain "$verb --help: wider than a terminal"
    # Every flag of --help is on the page.
    while read -r flag; do
        grep -q -- "$flag" <(tr -d '\n' <"$work/text") || complain "$verb: $flag is not on the page"
    done < <(sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p' "$work/help")
done
exit "$status"
