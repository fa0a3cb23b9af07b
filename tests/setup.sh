# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Debian packages, for tests/run and data/demo/run. Source it.

BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config libcurl4-openssl-dev libjansson-dev
    libyaml-dev libigraph-dev libarchive-dev libssl-dev libpcre2-dev librnp-dev libcmocka-dev)
DEMO_PACKAGES=("${BUILD_PACKAGES[@]}" docker-registry skopeo ca-certificates)
TEST_PACKAGES=("${DEMO_PACKAGES[@]}" clang libclang-rt-14-dev clang-format valgrind umoci gnupg openssl python3 python3-yaml shellcheck groff-base curl git busybox-static
    gcc-aarch64-linux-gnu gcc-powerpc64le-linux-gnu gcc-s390x-linux-gnu qemu-user-static time dosfstools fusefat fuse)

# For the page in a browser, in the long run only. Node and npm may come from elsewhere.
PLAYWRIGHT=playwright-core@1.55.0 # the last one for Debian's node
install_page_tools() {
    local wanted=(chromium)
    command -v node >/dev/null && command -v npm >/dev/null || wanted+=(nodejs npm)
    install_packages "${wanted[@]}" && mkdir -p build/page &&
        npm install --prefix build/page --no-save --no-audit --no-fund --loglevel=error "$PLAYWRIGHT"
}

package_is_missing() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" != installed ]
}

# install_packages NAME…: what is missing, as root or through sudo. Says so in one line.
install_packages() {
    local name missing=() sudo=() log
    for name; do
        if package_is_missing "$name"; then
            missing+=("$name")
        fi
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    printf 'installing: %s\n' "${missing[*]}"
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || {
            echo "error: these packages are missing; install them as root" >&2
            return 1
        }
        sudo=(sudo)
    fi
    log=$(mktemp)
    # The tests start registries of their own: the package's service need not run.
    if ! { "${sudo[@]}" apt-get update -q && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        RUNLEVEL=1 apt-get install -qy --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}
