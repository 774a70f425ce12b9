#!/bin/sh
# Runs every soak test; ends with 1 when any of them found something. COUNT=N makes each loop N turns long, SEED=N gives
# the same moments again. What needs root and is run without it is skipped, and says so.
set -u
cd "$(dirname "$0")" || exit 1
status=0
histories=${MILLRACE_PROGRAMS:-../.build/release}/log-histories
nice -n 5 "$histories" faults || status=1
nice -n 5 "$histories" "${COUNT:-100000}" ${SEED:-} || status=1
for test in kill_daemon kill_children power_loss power_loss_daemon full_disk io_error; do
    nice -n 5 python3 $test.py || status=1
done
exit $status
