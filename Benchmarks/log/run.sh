#!/bin/sh
# Synced appends of Millrace's log beside a bare log in C, Redis, SQLite and NATS JetStream, on the same disk in one run:
# run.sh [DIRECTORY] [ROUNDS] [SECONDS]. They take turns. The virtual environment is .build/bench-log.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. Benchmarks/python-environment.sh
python_environment log
exec "$environment/bin/python" "$here/compare.py" .build/release/millrace-bench "${1:-.build}" "${2:-3}" "${3:-3}"
