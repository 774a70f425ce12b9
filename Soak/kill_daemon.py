#!/usr/bin/env python3
"""kill -9 of the daemon at random moments while all sources bring and all sinks take: nothing is lost, nothing doubled.

    COUNT=200 SEED=1 Soak/kill_daemon.py
"""

import os
import random
import sys
import time

from check import Findings, check_everything, trimmed_documents
from daemon import Daemon, need_programs, progress, workspace
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
        # Small segments, so that kills meet every moment of a change of segments and of a trim.
        file.write(load.configuration(
            directory, before='[log]\nsegment_size = "256 KiB"\nkeep_size = "1 MiB"\ncompression = "zstd"\n'))
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
            check_so_far(daemon, load, acknowledged, os.path.join(directory, "out.jsonl"), findings)
            if not findings.is_clean:
                break
    reading = load.new_stdin()
    daemon.start(stdin=reading)
    os.close(reading)
    daemon.wait_until_running()
    time.sleep(2)
    findings.wrong += load.bring_to_end()
    documents = check_everything(daemon, load, directory, findings)
    check_pages_and_lines(documents, findings)
    return findings.finish(
        f"kill -9 of the daemon: {kill} kills in {time.monotonic() - started:.0f} s (seed {seed})", directory)


def check_so_far(daemon, load, acknowledged, sink, findings):
    """With the daemon dead: what clients were told is durable is in the log, or was trimmed and is in the sink."""
    log = Log(os.path.join(daemon.state, "log"))
    there = {d.json.get("uri") for d in trimmed_documents(log, sink) + log.documents}
    findings.lost += [f"{uri} is not in the log" for uri in load.acknowledged[:acknowledged] if uri not in there]
    findings.wrong += log.faults


def check_pages_and_lines(documents, findings):
    revisions = sum(d.revision > 1 for d in documents if d.source == "pages")
    findings.figures["revisions of pages"] = revisions
    # A pipe can't be read twice, and its writer is told nothing: no line may be there twice, or in another order.
    lines = [int(d.json["text"].split()[1]) for d in documents if d.source == "pipe"]
    findings.figures["lines of the pipe"] = len(lines)
    if lines != sorted(set(lines)):
        findings.doubled.append("lines of the pipe are doubled or out of order")


if __name__ == "__main__":
    sys.exit(main())
