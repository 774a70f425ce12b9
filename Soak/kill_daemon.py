#!/usr/bin/env python3
"""kill -9 of the daemon at random moments while all sources bring and all sinks take: nothing is lost, nothing doubled.

    COUNT=200 SEED=1 Soak/kill_daemon.py
"""

import os
import random
import sys
import time

from check import Findings, check_jsonl, check_log, check_sqlite
from daemon import Daemon, discard, need_programs, progress, progress_done, workspace
from load import Load
from log_file import Log


def main():
    need_programs()
    count = int(os.environ.get("COUNT", "200"))
    seed = int(os.environ.get("SEED", str(int(time.time()))))
    moments = random.Random(seed)
    directory = workspace("kill")
    daemon = Daemon("", directory)
    load = Load(daemon, directory)
    with open(daemon.configuration, "w") as file:
        # Small segments, so that kills meet every moment of a change of segments.
        file.write(load.configuration(directory, before='[log]\nsegment_size = "256 KiB"\n'))
    started = time.monotonic()
    findings = Findings()
    load.start()
    for kill in range(1, count + 1):
        reading = load.new_stdin()
        daemon.start(stdin=reading)
        os.close(reading)
        # From the first instructions of its start to well in the middle of its work.
        time.sleep(moments.choice((moments.uniform(0, 0.3), moments.uniform(0.2, 1.0), moments.uniform(0.5, 3.0))))
        if daemon.process.poll() is not None:
            findings.wrong.append(f"the daemon ended by itself with {daemon.process.returncode} before kill {kill}")
        acknowledged = len(load.acknowledged)
        daemon.kill()
        progress(f"kill {kill} of {count}, {acknowledged} acknowledged")
        if kill % 20 == 0:
            check_so_far(daemon, load, acknowledged, findings)
            if not findings.is_clean:
                break
    reading = load.new_stdin()
    daemon.start(stdin=reading)
    os.close(reading)
    daemon.wait_until_running()
    time.sleep(2)
    load.finish()
    # The last entries of the feed and the last versions of the pages come with the sources' next run.
    for source in ("feed", "pages"):
        daemon.request("POST", f"sources/{source}/run")
    time.sleep(2)
    daemon.settle(quiet=3)
    if daemon.stop() != 0:
        findings.wrong.append("the daemon did not end cleanly")
    progress_done()
    check_all(daemon, load, directory, findings)
    seconds = time.monotonic() - started
    print(f"kill -9 of the daemon: {kill} kills in {seconds:.0f} s (seed {seed}); {findings.summary()}")
    return finish(findings, directory)


def check_so_far(daemon, load, acknowledged, findings):
    """With the daemon dead: what clients were told is durable is in the log, and its own verifier agrees."""
    log = Log(os.path.join(daemon.state, "log"))
    uris = [d.json.get("uri") for d in log.documents]
    there = set(uris)
    findings.lost += [f"{uri} is not in the log" for uri in load.acknowledged[:acknowledged] if uri not in there]
    findings.wrong += log.faults


def check_all(daemon, load, directory, findings):
    findings.figures["acknowledged pushes"] = len(load.acknowledged)
    findings.figures["files"] = len(load.files)
    findings.wrong += load.refused
    log, documents = check_log(daemon.state, findings, load.wanted())
    entries = [d for d in documents if d.source == "feed"]
    findings.figures["feed entries"] = len(entries)
    if len(entries) != load.web.entries:
        kind = findings.lost if len(entries) < load.web.entries else findings.doubled
        kind.append(f"{len(entries)} documents of {load.web.entries} feed entries")
    revisions = sum(d.revision > 1 for d in documents if d.source == "pages")
    findings.figures["revisions of pages"] = revisions
    # A pipe can't be read twice, and its writer is told nothing: no line may be there twice, or in another order.
    lines = [int(d.json["text"].split()[1]) for d in documents if d.source == "pipe"]
    findings.figures["lines of the pipe"] = len(lines)
    if lines != sorted(set(lines)):
        findings.doubled.append("lines of the pipe are doubled or out of order")
    check_jsonl(os.path.join(directory, "out.jsonl"), documents, findings)
    check_jsonl(os.path.join(directory, "rotated.jsonl"), documents, findings)
    check_sqlite(os.path.join(directory, "out.sqlite3"), documents, findings)


def finish(findings, directory):
    for example in findings.examples():
        print("  " + str(example))
    if findings.is_clean:
        discard(directory)
        return 0
    print(f"  kept for a look: {directory}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
