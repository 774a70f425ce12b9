#!/usr/bin/env python3
"""Power loss on real ext4 and xfs: the file system is shut down under a writing log, mounted anew and looked at.

    COUNT=500 SEED=1 Soak/power_loss.py [ext4] [xfs]
"""

import os
import random
import sys
import time

from daemon import discard, need_programs, progress, progress_done, workspace
from loop_device import FileSystem, need_root_and
from writer import Ledger, Writer, recover

# Small, so that power fails in all steps of a change of segments.
SEGMENT_BYTES = 256 << 10
# After that many losses the log is begun anew, so that checks stay short.
LIVES = 20


def main():
    need_root_and("xfs_io", "mkfs.xfs", "mkfs.ext4")
    need_programs("soak-log-writer")
    count = int(os.environ.get("COUNT", "500"))
    seed = int(os.environ.get("SEED", str(int(time.time()))))
    status = 0
    for kind in sys.argv[1:] or ["ext4", "xfs"]:
        status |= lose(kind, count, seed)
    return status


def lose(kind, count, seed):
    moments = random.Random(f"{seed} {kind}")
    directory = workspace(f"power-{kind}")
    ledger, acknowledged, torn, in_flight, done = Ledger(), 0, 0, 0, 0
    system = FileSystem(kind, directory, 512 << 20)
    log = os.path.join(system.mount_point, "log")
    started = time.monotonic()
    try:
        for cycle in range(1, count + 1):
            system.mount()
            if cycle % LIVES == 1:
                discard(log)
                ledger.forget()
            writer = Writer(log, moments.choice((1, 3, 16)), SEGMENT_BYTES, ledger.next_sequence)
            writer.has_opened.wait(60)
            ledger.wrong += writer.faults
            time.sleep(moments.choice((moments.uniform(0, 0.01), moments.uniform(0, 0.2))))
            moment = system.lose_power()
            writer.kill()
            system.unmount()
            acknowledged += ledger.note(writer, before=moment)
            system.mount()
            recovered = recover(log, SEGMENT_BYTES)
            if recovered.opened is None:
                ledger.wrong.append(f"the log can't be opened: {recovered.stopped}")
            else:
                # Nothing here is damage: what power loss tears was never acknowledged.
                ledger.wrong += recovered.faults
                torn += recovered.opened[1] > 0
            found = ledger.check(log)
            in_flight += len(found.batches) - len(ledger.batches)
            again = recover(log, SEGMENT_BYTES)
            if again.opened != (found.next_position - 1, 0, 0):
                ledger.wrong.append(f"a recovered log is recovered again: {again.opened}, {found.next_position - 1} before")
            system.unmount()
            done = cycle
            progress(f"{kind}: power loss {cycle} of {count}, {acknowledged} batches acknowledged")
            if not ledger.is_clean:
                break
        fault = system.check()
        if fault:
            ledger.wrong.append(f"{kind} itself is damaged: {fault}")
    finally:
        if ledger.is_clean:
            system.remove()
    progress_done()
    seconds = time.monotonic() - started
    print(f"power loss on {kind}: {done} losses in {seconds:.0f} s (seed {seed}); {acknowledged} batches acknowledged, "
          f"{torn} torn ends cut; {ledger.verdict()}")
    for example in ledger.examples():
        print("  " + example)
    if ledger.is_clean:
        discard(directory)
        return 0
    print(f"  kept for a look: {directory}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
