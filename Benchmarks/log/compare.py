"""Lets Millrace's log, a bare log in C and the peers take turns, and prints medians as a table: compare.py BENCH DIRECTORY
ROUNDS SECONDS.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import peers

WRITERS = [1, 16, 64]
RECORD = 1024


def millrace(bench, directory, seconds):
    command = [bench, "log", "--directory", directory, "--seconds", seconds, "--rounds", "1", "--record-bytes", str(RECORD)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    bench, directory, rounds, seconds = sys.argv[1:5]
    rates = {}
    sequential = []
    for round in range(int(rounds)):
        result = millrace(bench, directory, seconds)
        sequential.append(result["sequential"])
        for figures in result["writers"]:
            for name, key in ("Millrace", "appends_per_second"), ("bare log in C", "bare_c_appends_per_second"):
                rates.setdefault(name, {}).setdefault(figures["writers"], []).append(figures[key])
        for name, run in peers.versions().items():
            for writers in WRITERS:
                if sys.stderr.isatty():
                    print(f"\r\033[Kround {round + 1} of {rounds}: {name}, {writers} writers", end="", file=sys.stderr)
                scratch = tempfile.mkdtemp(prefix="bench-log-", dir=directory)
                try:
                    rate = run(scratch, writers, RECORD, float(seconds))
                finally:
                    shutil.rmtree(scratch, ignore_errors=True)
                rates.setdefault(name, {}).setdefault(writers, []).append(rate)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(f"synced appends of {RECORD} bytes a second, median of {rounds} rounds; load {os.getloadavg()[0]:.1f}")
    print(f"{'':34}" + "".join(f"{f'{count} writers':>13}" for count in WRITERS) + "   as much as Millrace's")
    ours = {count: statistics.median(rates["Millrace"][count]) for count in WRITERS}
    for name, runs in rates.items():
        medians = [statistics.median(runs[count]) for count in WRITERS]
        ratios = [f"{rate / ours[count]:.2f}" for rate, count in zip(medians, WRITERS)]
        print(f"{name:34}" + "".join(f"{rate:13,.0f}" for rate in medians) + "   " + " ".join(ratios))
    for key, what in (("megabytes_per_second", "MB/s one after the other"),
                      ("ratio_to_bare_c", "of the disk's bandwidth, as a bare file in C has it"),
                      ("verify_gigabytes_per_second", "GB/s verified"), ("open_milliseconds", "ms to open it again")):
        print(f"{statistics.median(one[key] for one in sequential):10.2f} {what}")


main()
