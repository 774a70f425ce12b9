#!/bin/sh
# Runs every soak test; ends with 1 when any of them found something. COUNT=N makes each loop N turns long, SEED=N gives
# the same moments again. What needs root and is run without it is skipped, and says so.
set -u
cd "$(dirname "$0")" || exit 1
status=0
for test in kill_daemon kill_children power_loss power_loss_daemon full_disk io_error; do
    nice -n 5 python3 $test.py || status=1
done
exit $status
