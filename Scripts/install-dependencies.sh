#!/bin/sh
# Installs the Debian packages that are missing: install-dependencies.sh build [test] [soak] [bench].
# Asks nothing, and is done at once when nothing is missing.
set -eu

packages=
for group in "$@"; do
    case $group in
    build) packages="$packages libtomlplusplus-dev libcurl4-openssl-dev libcld2-dev libutf8proc-dev libssl-dev
        libsqlite3-dev libzstd-dev zlib1g-dev libmimalloc-dev libstdc++-12-dev libc6-dev" ;;
    test) packages="$packages nginx curl systemd systemd-container debootstrap python3 gzip
        poppler-utils pandoc" ;;
    bench) packages="$packages python3-venv redis-server redis-tools" ;;
    soak) packages="$packages gcc e2fsprogs xfsprogs util-linux" ;;
    *) echo "install-dependencies.sh: there is no group '$group'; known are build, test, soak and bench" >&2; exit 2 ;;
    esac
done

command -v swift >/dev/null || {
    echo "Swift is not installed: get 6.3 or newer from https://www.swift.org/install/linux/" >&2
    exit 1
}
command -v dpkg-query >/dev/null || {
    echo "This is no Debian: install the equivalents of these packages yourself:" $packages >&2
    exit 0
}

missing=
for package in $packages; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
        echo "These packages are missing; install them as root:" >&2
        echo "    apt-get install -y --no-install-recommends$missing" >&2
        exit 1
    fi
    root="sudo -n"
fi
echo "Installing$missing"
install() {
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing </dev/null
}
install >/dev/null 2>&1 || { $root apt-get update -q </dev/null && install; }
