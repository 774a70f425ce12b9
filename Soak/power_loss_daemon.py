#!/usr/bin/env python3
"""Power loss under the whole daemon: log, index and sinks are on a file system that is shut down while all sources bring.

    COUNT=200 SEED=1 Soak/power_loss_daemon.py [ext4] [xfs]
"""

import os
import random
import sys
import time

from check import Findings, check_everything
from daemon import Daemon, need_programs, progress, workspace
from load import Load
from loop_device import FileSystem, need_root_and


def main():
    need_root_and("mkfs.xfs", "mkfs.ext4")
    need_programs()
    count = int(os.environ.get("COUNT", "200"))
    seed = int(os.environ.get("SEED", str(int(time.time()))))
    status = 0
    for kind in sys.argv[1:] or ["ext4", "xfs"]:
        status |= lose(kind, count, seed)
    return status


def lose(kind, count, seed):
    moments = random.Random(f"{seed} {kind}")
    directory = workspace(f"power-daemon-{kind}")
    findings = Findings()
    system = FileSystem(kind, directory, 1 << 30)
    daemon = Daemon("", directory, state=os.path.join(system.mount_point, "state"))
    load = Load(daemon, directory, stdin=False)
    with open(daemon.configuration, "w") as file:
        file.write(load.configuration(system.mount_point, before='[log]\nsegment_size = "256 KiB"\nkeep_size = "1 MiB"\n'))
    started = time.monotonic()
    try:
        system.mount()
        load.start()
        for loss in range(1, count + 1):
            daemon.start()
            time.sleep(moments.choice((moments.uniform(0.1, 0.5), moments.uniform(0.3, 1.0), moments.uniform(0.5, 3.0))))
            if daemon.process.poll() is not None:
                findings.wrong.append(f"the daemon ended by itself with {daemon.process.returncode} before loss {loss}")
            moment = system.lose_power()
            daemon.kill()
            # A machine without power tells its clients nothing.
            load.disbelieve(moment, time.monotonic_ns())
            system.unmount(patience=10)
            system.mount()
            progress(f"{kind}: power loss {loss} of {count}, {len(load.acknowledged)} acknowledged")
            if not findings.is_clean:
                break
        daemon.start()
        daemon.wait_until_running()
        time.sleep(2)
        findings.wrong += load.bring_to_end()
        check_everything(daemon, load, system.mount_point, findings)
        system.unmount(patience=10)
        fault = system.check()
        if fault:
            findings.wrong.append(f"{kind} itself is damaged: {fault}")
    finally:
        if daemon.process and daemon.process.poll() is None:
            daemon.kill()
        if findings.is_clean:
            system.remove()
    return findings.finish(
        f"power loss under the daemon on {kind}: {loss} losses in {time.monotonic() - started:.0f} s (seed {seed})", directory)


if __name__ == "__main__":
    sys.exit(main())
