#!/bin/sh
# Fuzzes all targets, or those in TARGETS: run.sh SECONDS, which the targets share. Ends with an error at the first input
# that crashes, takes over ten seconds or over 512 MiB; the input is kept in .build/findings.
set -eu

cd "$(dirname "$0")"
seconds=${1:-60}
targets=${TARGETS:-html charset page content feed xml date text records json sitemap address batch}
fuzzer=${FUZZER:-.build/release/millrace-fuzz}
[ -n "${FUZZER:-}" ] || swift build -c release

# What was found in earlier runs is kept, so that each run goes on where the last one ended.
corpus=.build/corpus
findings=.build/findings
mkdir -p "$findings"
set -- $targets
share=$((seconds / $#))
[ "$share" -gt 0 ] || share=1
for target in "$@"; do
    mkdir -p "$corpus/$target"
    log=.build/$target.log
    if ! SWIFT_BACKTRACE=enable=no "$fuzzer" "$target" -max_total_time="$share" -rss_limit_mb=512 -timeout=10 \
        -max_len=65536 -dict=markup.dict -artifact_prefix="$findings/$target-" -print_final_stats=1 \
        "$corpus/$target" "Seeds/$target" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "fuzz: $target fails; again with: Fuzzing/$fuzzer $target Fuzzing/$findings/$target-…" >&2
        exit 1
    fi
    awk -v target="$target" '
        /DONE/ { for (i = 1; i < NF; i++) if ($i == "cov:") coverage = $(i + 1) }
        /number_of_executed_units/ { runs = $2 }
        /slowest_unit_time_sec/ { slowest = $2 }
        /peak_rss_mb/ { memory = $2 }
        END { printf "%-8s %10d inputs, %5d edges, slowest %d s, at most %d MiB\n", target, runs, coverage, slowest, memory }
    ' "$log"
done
