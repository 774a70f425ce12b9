#!/usr/bin/env python3
"""A full disk: the daemon on a small loop device fills it, stops taking and says so; space is freed; it goes on by itself.

    COUNT=5 Soak/full_disk.py [ext4] [xfs]
"""

import os
import random
import sys
import time

from check import Findings, check_everything
from daemon import Daemon, need_programs, progress, workspace
from load import Load
from loop_device import FileSystem, need_root_and


class Ballast:
    """A file that takes all space but a little, and gives it back."""

    def __init__(self, mount_point):
        self.path = os.path.join(mount_point, "ballast")
        self.mount_point = mount_point

    def fill(self, leave):
        space = os.statvfs(self.mount_point)
        size = space.f_bavail * space.f_frsize - leave
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if size > 0:
            os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, size)
        os.close(descriptor)

    def free(self):
        if os.path.exists(self.path):
            os.unlink(self.path)


def main():
    need_root_and("mkfs.xfs", "mkfs.ext4")
    need_programs()
    count = int(os.environ.get("COUNT", "5"))
    status = 0
    for kind in sys.argv[1:] or ["ext4", "xfs"]:
        # Log, index and sinks on the full disk; then the sinks elsewhere, so that only the daemon itself has no room.
        for sinks_too in (True, False):
            status |= fill(kind, count, sinks_too)
    return status


def fill(kind, count, sinks_too):
    directory = workspace(f"full-{kind}")
    findings = Findings()
    system = FileSystem(kind, directory, 320 << 20)
    system.mount()
    ballast = Ballast(system.mount_point)
    out = system.mount_point if sinks_too else directory
    daemon = Daemon("", directory, state=os.path.join(system.mount_point, "state"))
    load = Load(daemon, directory, stdin=False, ingest_bytes=4000)
    with open(daemon.configuration, "w") as file:
        file.write(load.configuration(out, before='[log]\nsegment_size = "1 MiB"\n'))
    started = time.monotonic()
    told = 0
    try:
        daemon.start()
        daemon.wait_until_running()
        load.start()
        for turn in range(1, count + 1):
            time.sleep(1)
            ballast.fill(leave=random.Random(turn).randrange(0, 2 << 20))
            # The log or, where it still has room in a segment that was set aside, the index.
            full = daemon.wait("the disk to be full", lambda s: s["state"] == "full", 120)
            told += "space" in full["log"].get("reason", "") or "full" in full["index"].get("reason", "")
            # It takes nothing now, and goes on answering.
            before = len(load.acknowledged)
            time.sleep(2)
            answered = daemon.status()
            if answered["log"]["state"] == "full" and answered["log"]["durable"] != full["log"]["durable"]:
                findings.wrong.append("something became durable on a full disk")
            if answered["log"]["state"] == "full" and len(load.acknowledged) > before:
                findings.wrong.append(f"{len(load.acknowledged) - before} pushes were acknowledged on a full disk")
            # Now and then it is killed while it is full, as an operator would do who does not know.
            if turn % 2 == 0:
                daemon.kill()
            ballast.free()
            if turn % 2 == 0:
                daemon.start()
            resumed = time.monotonic()
            after = len(load.acknowledged)
            daemon.wait("the daemon to resume", lambda s: s["state"] == "running" and len(load.acknowledged) > after + 20, 60)
            findings.figures[f"s until it took again in turn {turn}"] = round(time.monotonic() - resumed, 1)
            progress(f"{kind}: full and freed {turn} of {count}, {len(load.acknowledged)} acknowledged")
        findings.wrong += load.bring_to_end(120)
        if told != count:
            findings.wrong.append(f"the reason named the space {told} times of {count}")
        check_everything(daemon, load, out, findings)
    finally:
        if daemon.process.poll() is None:
            daemon.kill()
        if findings.is_clean:
            system.remove()
    where = "log, index and sinks" if sinks_too else "log and index"
    return findings.finish(
        f"full disk, {kind}, {where} on it: {count} times in {time.monotonic() - started:.0f} s", directory)


if __name__ == "__main__":
    sys.exit(main())
