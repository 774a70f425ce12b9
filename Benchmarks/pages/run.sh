#!/bin/sh
# Millrace beside resiliparse and trafilatura on the same pages: run.sh DIRECTORY [ROUNDS] [LIMIT]. They take turns, one
# process and one thread each. Their virtual environment is .build/bench-pages.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
directory=$(cd "$1" && pwd)
cd "$here/../.."
. Benchmarks/python-environment.sh
python_environment pages
exec "$environment/bin/python" "$here/compare.py" .build/release/millrace-bench "$directory" "${2:-3}" "${3:-}"
