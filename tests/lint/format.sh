#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every C file is as clang-format writes it. Usage: format.sh ROOT
set -euo pipefail
cd "$1"
if ! command -v clang-format >/dev/null; then
    echo "skipped: clang-format is not installed"
    exit 77
fi
find base graph mirror graphdata-image cli tests -name '*.[ch]' -print0 |
    sort -z | xargs -0 clang-format --dry-run --Werror
