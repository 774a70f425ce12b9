#!/usr/bin/python3
"""Stands between the daemon and one of its programs and kills both at one moment of the protocol.

Started under the program's name from a directory with `plan.json`: {"real": DIRECTORY, "program": NAME, "moment": MOMENT,
"times": N}. A moment is a direction, a kind of frame, and where: "in:deliver:before" (the program never sees it),
"in:deliver:half" (it sees half of it), "in:deliver:after", "out:delivered:before" (the daemon never sees it), "…:half",
"…:after". Each death is noted in `deaths`, so that there are no more than `times`.
"""

import json
import os
import signal
import subprocess
import sys
import threading

OWN = os.path.dirname(os.path.abspath(sys.argv[0]))
NAME = os.path.basename(sys.argv[0])
with open(os.path.join(OWN, "plan.json")) as file:
    PLAN = json.load(file)
DEATHS = os.path.join(OWN, "deaths")


def die(child):
    with open(DEATHS, "a") as file:
        file.write(PLAN["moment"] + "\n")
        file.flush()
        os.fsync(file.fileno())
    child.kill()
    os.kill(os.getpid(), signal.SIGKILL)


def may_die():
    if NAME != PLAN["program"]:
        return False
    try:
        with open(DEATHS) as file:
            return len(file.readlines()) < PLAN["times"]
    except FileNotFoundError:
        return True


def pump(source, target, direction, child):
    """Hands frames on, each whole, but for the one at which both die."""
    wanted, kind, place = PLAN["moment"].split(":")
    while True:
        line = source.readline()
        if not line:
            target.close()
            return
        header = json.loads(line)
        frame = line + (source.read(header["body"]) if header.get("body") else b"")
        hit = direction == wanted and header["type"] == kind and may_die()
        if hit and place == "before":
            die(child)
        if hit and place == "half":
            target.write(frame[:len(frame) // 2])
            target.flush()
            # The other side has read what there is of it.
            threading.Event().wait(0.05)
            die(child)
        try:
            target.write(frame)
            target.flush()
        except BrokenPipeError:
            return
        if hit:
            threading.Event().wait(0.05)
            die(child)


def main():
    # The daemon's own standard input; not there when it only asks for settings.
    extra = (3,) if NAME == "millrace-fetch-stdin" and os.path.exists("/proc/self/fd/3") else ()
    child = subprocess.Popen([os.path.join(PLAN["real"], NAME)] + sys.argv[1:], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, pass_fds=extra)
    for number in extra:
        os.close(number)
    threading.Thread(target=pump, args=(sys.stdin.buffer, child.stdin, "in", child), daemon=True).start()
    pump(child.stdout, sys.stdout.buffer, "out", child)
    sys.exit(child.wait())


if __name__ == "__main__":
    main()
