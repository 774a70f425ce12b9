#!/bin/sh
# Runs inside the booted machine: takes the service through its life and prints each step.
set -eu
fail() {
    echo "FAILED: $*"
    systemctl status millraced --no-pager -l 2>&1 | tail -n 30 || true
    journalctl -u millraced --no-pager -n 60 2>&1 || true
    exit 1
}
step() { echo "ok: $*"; }
# until CONDITION WORDS: waits up to 30 s.
wait_for() {
    what=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || fail "$what"
        sleep 0.1
    done
}
status() { millracectl --json status; }
# member NAME: the first number of that name in the status.
member() { status | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d : -f 2; }
main_pid() { systemctl show -P MainPID millraced; }
has_new() { [ "$(member new)" -ge "$1" ]; }
is_idle() { [ "$(member in_flight)" = 0 ]; }

[ "$(systemctl is-active millraced)" = active ] || fail "the service is not active"
[ "$(systemctl show -P Type millraced)" = notify ] || fail "the service has another type"
step "the service is active after READY=1: $(systemctl show -P StatusText millraced)"

user=$(stat -c %u "/proc/$(main_pid)")
[ "$(stat -c %G:%a /run/millrace/control.sock)" = millrace:660 ] \
    || fail "the socket is $(stat -c '%U:%G %a' /run/millrace/control.sock)"
[ "$(stat -c %u "/proc/$(main_pid)")" != 0 ] || fail "the daemon runs as root"
step "it runs as the dynamic user $user, its socket belongs to the group millrace"

wait_for "the directory's pages do not become documents" has_new 3
step "three pages of /srv/in are documents"

millracectl ingest --source inbox /srv/observations.jsonl || fail "ingest exits with $?"
has_new 6 || fail "what was ingested is not counted at once: $(status)"
step "three records are ingested and durable"

printf '[source.second]\nplugin = "push"\n' >/etc/millrace/sources.d/second.toml
chgrp millrace /etc/millrace/sources.d/second.toml
systemctl reload millraced || fail "a good reload is refused"
millracectl sources show second >/dev/null || fail "the new source is not there"
before=$(main_pid)
step "a reload brings a new source"

printf '[source.third]\nplugin = "pussh"\n' >/etc/millrace/sources.d/third.toml
chgrp millrace /etc/millrace/sources.d/third.toml
if systemctl reload millraced; then fail "a bad reload is not refused"; fi
[ "$(systemctl is-active millraced)" = active ] || fail "a bad reload ends the service"
[ "$(main_pid)" = "$before" ] || fail "a bad reload restarts the service"
rm /etc/millrace/sources.d/third.toml
systemctl reload millraced || fail "the reload after the bad one is refused"
step "a bad reload is refused, and the service goes on"

child=$(millracectl --json status | grep -o '"name":"normalise-[0-9]*","pid":[0-9]*' | head -n 1 | grep -o '[0-9]*$')
[ -n "$child" ] || fail "no normaliser is running: $(status)"
kill -KILL "$child"
cp /srv/observations.jsonl /srv/more.jsonl
sed -i 's/obs-/more-/; s/"text":"/"text":"Seen again: /' /srv/more.jsonl
millracectl ingest --source second /srv/more.jsonl || fail "ingest after the death of a normaliser exits with $?"
step "a killed normaliser comes back"

new=$(member new)
kill -KILL "$before"
back() { [ "$(systemctl is-active millraced)" = active ] && [ "$(main_pid)" != "$before" ] && [ "$(main_pid)" != 0 ]; }
wait_for "the killed daemon does not come back" back
wait_for "the killed daemon does not answer again" millracectl status
[ "$(systemctl show -P NRestarts millraced)" -ge 1 ] || fail "systemd counted no restart"
count() { millracectl --json documents list --limit 1000 | grep -o '"position":' | wc -l; }
wait_for "nothing is idle after the restart" is_idle
[ "$(count)" -eq 9 ] || fail "there are $(count) documents after kill -9, 9 were acknowledged (new was $new)"
millracectl ingest --source inbox /srv/observations.jsonl || fail "ingest after kill -9 exits with $?"
[ "$(count)" -eq 9 ] || fail "what was ingested twice is doubled: $(count) documents"
step "after kill -9 it comes back with all 9 documents, and knows again what it has"

millracectl documents search otter | grep -q Otter || fail "the search finds nothing"
step "the search finds the otter"

started=$(cut -d . -f 1 /proc/uptime)
systemctl stop millraced
[ "$(systemctl show -P Result millraced)" = success ] || fail "the stop is not clean: $(systemctl show -P Result millraced)"
[ "$(systemctl show -P ExecMainStatus millraced)" = 0 ] || fail "exit status $(systemctl show -P ExecMainStatus millraced)"
[ ! -e /run/millrace/control.sock ] || fail "the socket is left behind"
step "it stops cleanly within $(($(cut -d . -f 1 /proc/uptime) - started + 1)) s"

set +e
millracectl status 2>/dev/null
[ $? = 3 ] || fail "millracectl without a daemon does not exit with 3"
set -e
millracectl log verify /var/lib/millrace || fail "the log is not sound"
lines=$(wc -l </var/lib/millrace/documents.jsonl)
[ "$lines" -ge 9 ] || fail "the archive holds $lines lines"
step "the log is sound, and the archive holds $lines documents"

systemctl start millraced || fail "it does not start again"
[ "$(count)" -eq 9 ] || fail "there are $(count) documents after a restart"
systemctl stop millraced
step "all 9 documents are there after a restart"
echo "ALL IS WELL"
