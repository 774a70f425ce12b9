#!/bin/sh
# Boots a real systemd in a container, installs the built tree there, and takes the service through its life:
# start, ingest, reload (good and bad), kill -9 of the daemon and of its children, stop, and everything still there.
#
# boot-test.sh [DIRECTORY OF THE RELEASE PROGRAMS]      exit 0: all is well; 77: can't be run here; else: what failed
#
# The root file system is made once with debootstrap and kept in $MILLRACE_BOOT_CACHE or /var/cache/millrace-test.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
release=${1:-$checkout/.build/release}
cache=${MILLRACE_BOOT_CACHE:-/var/cache/millrace-test}
suite=bookworm
# What the programs are linked with, beside what a minimal Debian has.
packages=systemd,systemd-sysv,dbus,libseccomp2,libcurl4,libcld2-0,libutf8proc2,libsqlite3-0,libzstd1,libssl3,zlib1g,libmimalloc2.0,libstdc++6,libtomlplusplus3

skip() { echo "skipped: $*" >&2; exit 77; }

[ "$(id -u)" = 0 ] || skip "only root can boot a container"
command -v systemd-nspawn >/dev/null || skip "systemd-nspawn is not installed (package systemd-container)"
[ -x "$release/millraced" ] || skip "$release/millraced is not built (make build)"

if ! [ -e "$cache/root/.complete" ]; then
    command -v debootstrap >/dev/null || skip "debootstrap is not installed"
    rm -rf "$cache/root" "$cache/root.part"
    mkdir -p "$cache"
    debootstrap --variant=minbase --include=$packages $suite "$cache/root.part" >"$cache/debootstrap.log" 2>&1 \
        || skip "debootstrap failed: see $cache/debootstrap.log"
    touch "$cache/root.part/.complete"
    mv "$cache/root.part" "$cache/root"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/millrace-boot.XXXXXX")
root=$work/root
clean() {
    [ -z "${machine:-}" ] || kill -KILL "$machine" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

cp -a "$cache/root" "$root"
make -s -C "$checkout" install DESTDIR="$root" PREFIX=/usr RELEASE="$release"

# The directory source reads a directory of the machine, the push source takes what is ingested.
mkdir -p "$root/srv/in"
cp "$checkout"/Samples/pages/*.html "$root/srv/in/"
cat >"$root/etc/millrace/sources.d/pages.toml" <<'TOML'
[source.pages]
plugin = "directory"
path = "/srv/in"
TOML
cp "$checkout/Samples/records/observations.jsonl" "$root/srv/observations.jsonl"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf /usr/lib/systemd/system/millraced.service "$root/etc/systemd/system/multi-user.target.wants/millraced.service"

# The checks run inside, as a service that ends the machine; what they print is kept in /result.
cp "$here/inside.sh" "$root/usr/local/sbin/millrace-boot-check"
chmod 755 "$root/usr/local/sbin/millrace-boot-check"
cat >"$root/etc/systemd/system/millrace-boot-check.service" <<'UNIT'
[Unit]
After=millraced.service
SuccessAction=exit-force
FailureAction=exit-force

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/millrace-boot-check
StandardOutput=truncate:/result
StandardError=inherit
TimeoutStartSec=180
UNIT
ln -sf ../millrace-boot-check.service "$root/etc/systemd/system/multi-user.target.wants/millrace-boot-check.service"
# No network is needed, and waiting for one would take minutes.
rm -f "$root"/etc/systemd/system/*/systemd-networkd-wait-online.service

systemd-nspawn -q -D "$root" -b --private-network --console=pipe --register=no --keep-unit \
    </dev/null >"$work/console" 2>&1 &
machine=$!
tries=0
while kill -0 "$machine" 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries -gt 2400 ]; then
        echo "the machine did not end by itself" >&2
        break
    fi
    sleep 0.1
done
cat "$root/result" 2>/dev/null || true
if ! grep -q '^ALL IS WELL$' "$root/result" 2>/dev/null; then
    echo "--- console" >&2
    tail -n 40 "$work/console" >&2
    exit 1
fi
