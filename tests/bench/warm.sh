# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# warm_memory: memory that tmpfs takes for the first time costs more than such that was used
# before; after this, what is measured next finds as much of it used as the world has bytes.
warm_memory() {
    # shellcheck disable=SC2153
    cat "$WORLD/registry"/docker/registry/v2/blobs/sha256/*/*/data >"$WORK/warm"
    rm "$WORK/warm"
}
