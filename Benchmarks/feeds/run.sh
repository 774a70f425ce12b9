#!/bin/sh
# Millrace beside feedparser and fastfeedparser on the same feeds, and its records: run.sh [ROUNDS]. They take turns, one
# process and one thread each. Their virtual environment is .build/bench-feeds.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
environment=.build/bench-feeds
if ! cmp -s "$here/requirements.txt" "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$environment/requirements.txt"
fi
exec "$environment/bin/python" "$here/compare.py" .build/release/millrace-bench "${1:-3}"
