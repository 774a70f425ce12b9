#!/usr/bin/env python3
"""Each kind of child killed at each state of the protocol: nothing lost, nothing doubled, and everything goes on.

    TIMES=2 Soak/kill_children.py [PROGRAM …]
"""

import json
import os
import subprocess
import sys
import time

from check import Findings, check_jsonl, check_log, check_sqlite
from daemon import PROGRAMS, ROOT, Daemon, discard, need_programs, progress, progress_done, workspace
from load import Load

PLACES = ("before", "half", "after")


def moments(*frames):
    return [f"{frame}:{place}" for frame in frames for place in PLACES]


OPENING = moments("in:hello", "out:hello")
FETCHING = OPENING + moments("in:fetch", "out:item", "in:ack")
STATES = {
    "millrace-fetch-directory": FETCHING + moments("out:watching"),
    "millrace-fetch-http": FETCHING + moments("out:done"),
    "millrace-fetch-stdin": FETCHING,
    "millrace-normalise": OPENING + moments("in:normalise", "out:documents"),
    "millrace-deliver-jsonl": OPENING + moments("in:configure", "out:configured", "in:deliver", "out:delivered"),
    "millrace-deliver-sqlite": OPENING + moments("in:configure", "out:configured", "in:deliver", "out:delivered"),
}


def main():
    need_programs()
    times = int(os.environ.get("TIMES", "2"))
    only = sys.argv[1:] or list(STATES)
    started, deaths, failed, total = time.monotonic(), 0, 0, 0
    for program in only:
        for moment in STATES[program]:
            total += 1
            progress(f"{program} at {moment}, {deaths} deaths")
            # An item that brings a worker down twice becomes a dead letter, as it should.
            count, is_clean = kill(program, moment, 1 if program == "millrace-normalise" else times)
            deaths += count
            failed += not is_clean
    progress_done()
    print(f"kill of children: {len(only)} kinds at {total} moments, {deaths} deaths in {time.monotonic() - started:.0f} s; "
          f"{failed} moments with something lost, doubled or wrong")
    return 1 if failed else 0


def kill(program, moment, times):
    directory = workspace("child")
    plugins = os.path.join(directory, "plugins")
    os.makedirs(plugins)
    for name in STATES:
        target = os.path.join(plugins, name)
        source = os.path.join(ROOT, "Soak", "dying_plugin.py") if name == program else os.path.join(PROGRAMS, name)
        # A copy, since the program finds its plan beside itself.
        subprocess.check_call(["cp", source, target]) if name == program else os.symlink(source, target)
    with open(os.path.join(plugins, "plan.json"), "w") as file:
        json.dump({"real": PROGRAMS, "program": program, "moment": moment, "times": times}, file)
    daemon = Daemon("", directory)
    load = Load(daemon, directory, ingesters=2)
    with open(daemon.configuration, "w") as file:
        file.write(load.configuration(directory, before=f'[daemon]\nplugin_directory = "{plugins}"\n'))
    findings = Findings()
    reading = load.new_stdin()
    daemon.start(stdin=reading)
    os.close(reading)
    try:
        daemon.wait_until_running()
        load.start()
        seen = os.path.join(plugins, "deaths")

        def deaths():
            return len(open(seen).readlines()) if os.path.exists(seen) else 0
        end = time.monotonic() + 30
        while deaths() < times and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.3)
        load.finish()
        for source in ("feed", "pages"):
            daemon.request("POST", f"sources/{source}/run")
        # Whoever was killed comes back.
        daemon.wait("all children to be back", lambda s: all(p["state"] == "running" for p in s["processes"]), 60)
        for source in ("feed", "pages"):
            daemon.request("POST", f"sources/{source}/run")
        # A source whose fetcher died waits a little before it comes again.
        daemon.settle(quiet=1.5, condition=lambda s: s["sources"]["failing"] == 0 and s["sources"]["running"] < 2)
        # Two workers may come to the same moment at once.
        if deaths() < times:
            findings.wrong.append(f"{deaths()} deaths of {times}: the moment never came")
        if daemon.stop() != 0:
            findings.wrong.append("the daemon did not end cleanly")
        findings.wrong += load.refused
        _, documents = check_log(daemon.state, findings, load.wanted())
        entries = [d for d in documents if d.source == "feed"]
        if len(entries) != load.web.entries:
            (findings.lost if len(entries) < load.web.entries else findings.doubled).append(
                f"{len(entries)} documents of {load.web.entries} feed entries")
        lines = [int(d.json["text"].split()[1]) for d in documents if d.source == "pipe"]
        if lines != sorted(set(lines)):
            findings.doubled.append("lines of the pipe are doubled or out of order")
        # Of what a killed reader had in hand the pipe's writer knows nothing; no other death may cost a line.
        if program != "millrace-fetch-stdin" and len(lines) != load.stdin_lines:
            findings.lost.append(f"{len(lines)} of {load.stdin_lines} lines of the pipe")
        check_jsonl(os.path.join(directory, "out.jsonl"), documents, findings)
        check_jsonl(os.path.join(directory, "rotated.jsonl"), documents, findings)
        check_sqlite(os.path.join(directory, "out.sqlite3"), documents, findings)
    except SystemExit as problem:
        findings.wrong.append(str(problem))
    finally:
        if daemon.process.poll() is None:
            daemon.kill()
    if findings.is_clean:
        discard(directory)
    else:
        progress_done()
        print(f"{program} at {moment}: {findings.summary()}; kept for a look: {directory}")
        for example in findings.examples():
            print("  " + str(example)[:600])
        sys.stdout.flush()
    return times, findings.is_clean


if __name__ == "__main__":
    sys.exit(main())
