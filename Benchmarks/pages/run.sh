#!/bin/sh
# Millrace beside resiliparse and trafilatura on the same pages: run.sh DIRECTORY [ROUNDS] [LIMIT]. They take turns, one
# process and one thread each. Their virtual environment is .build/bench-pages.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
directory=$(cd "$1" && pwd)
cd "$here/../.."
environment=.build/bench-pages
if ! cmp -s "$here/requirements.txt" "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$environment/requirements.txt"
fi
exec "$environment/bin/python" "$here/compare.py" .build/release/millrace-bench "$directory" "${2:-3}" "${3:-}"
