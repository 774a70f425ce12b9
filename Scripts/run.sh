#!/bin/sh
# Starts the built daemon on its built-in default (state under ./var, content from ./Samples) and shows its documents as
# they are committed. Ctrl-C stops it cleanly.
set -u
cd "$(dirname "$0")/.." || exit 1
programs=.build/release
socket=var/run/control.sock

[ -x $programs/millraced ] || { echo "run.sh: build first, with 'make build'" >&2; exit 1; }
mkdir -p var/run
$programs/millraced --built-in &
daemon=$!
follower=
trap 'kill -TERM $daemon 2>/dev/null' INT TERM HUP

# The daemon's own socket, not one that an earlier daemon left behind.
tries=0
until $programs/millracectl --socket $socket status >/dev/null 2>&1; do
    tries=$((tries + 1))
    if ! kill -0 $daemon 2>/dev/null || [ $tries -ge 150 ]; then
        kill -TERM $daemon 2>/dev/null
        wait $daemon
        exit 1
    fi
    sleep 0.2
done

echo
echo "The documents, as they come in (in another terminal: $programs/millracectl status; Ctrl-C stops the daemon):"
$programs/millracectl --socket $socket documents tail --follow --last 100 &
follower=$!

# A signal ends `wait` early: the daemon is then still finishing what it has begun.
while :; do
    wait $daemon
    status=$?
    kill -0 $daemon 2>/dev/null || break
done
kill $follower 2>/dev/null
wait $follower 2>/dev/null
exit $status
