#!/bin/sh
# Millrace beside feedparser and fastfeedparser on the same feeds, and its records: run.sh [ROUNDS], nine where none
# are given. They take turns, one process and one thread each. Their virtual environment is .build/bench-feeds.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. Benchmarks/python-environment.sh
python_environment feeds
exec "$environment/bin/python" "$here/compare.py" .build/release/millrace-bench "${1:-9}"
