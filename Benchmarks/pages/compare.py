"""Lets Millrace and the libraries take turns and prints medians and ratios: compare.py BENCH DIRECTORY ROUNDS [LIMIT].

Two times are told: by the clock, which is what a user waits, and of the processor, which other work on the machine disturbs
less.
"""

import json
import os
import statistics
import subprocess
import sys

LIBRARIES = ["resiliparse", "trafilatura"]


def run(*command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def millrace(bench, directory, limit):
    result = run(bench, "normalise", directory, "--repeat", "1", *(["--limit", limit] if limit else []))
    for name, key in ("Millrace, worker", "worker"), ("Millrace, in process", "in_process"):
        figures = result[key]
        yield name, {"pages": result["inputs"], "megabytes": result["megabytes"], "empty": figures["without_documents"],
                     "seconds": figures["seconds"], "processor_seconds": figures["processor_seconds_per_round"]}


def libraries(directory, limit):
    script = os.path.join(os.path.dirname(__file__), "extract.py")
    for name in LIBRARIES:
        yield name, run(sys.executable, script, name, directory, *([limit] if limit else []))


def main():
    bench, directory, rounds, limit = sys.argv[1:5]
    times = {}
    for _ in range(int(rounds)):
        for runs in millrace(bench, directory, limit), libraries(directory, limit):
            for name, figures in runs:
                times.setdefault(name, []).append(figures)
    medians = {name: {key: statistics.median(one[key] for one in runs) for key in runs[0]}
               for name, runs in times.items()}
    first = next(iter(medians.values()))
    print(f"{first['pages']} pages, {first['megabytes']:.1f} MB, median of {rounds} rounds")
    for key, title in ("seconds", "by the clock"), ("processor_seconds", "of the processor"):
        print(f"\n{title:24}{'pages/s':>10}{'MB/s':>10}{'empty':>8}   Millrace's worker is")
        for name, figures in medians.items():
            ratio = figures[key] / first[key]
            print(f"{name:24}{figures['pages'] / figures[key]:10.1f}{figures['megabytes'] / figures[key]:10.1f}"
                  f"{figures['empty']:8.0f}" + (f"   {ratio:.1f} times as fast" if name in LIBRARIES else ""))


main()
