#!/usr/bin/env python3
"""I/O errors: what was acknowledged is there all the same, and the log goes on in a fresh segment or stops and says why.

Errors that pass: a sparse image on a tmpfs that is too small for it, so that writes fail behind the file system's back; the
second fdatasync after a failed one says there that all is well. Errors that stay: an image on an xfs that is shut down.

    COUNT=100 SEED=1 Soak/io_error.py [ext4] [xfs]
"""

import os
import random
import sys
import time

from daemon import discard, need_programs, progress, progress_done, workspace
from loop_device import FileSystem, need_root_and, run
from writer import Ledger, Writer, recover

SEGMENT_BYTES = 1 << 20
TMPFS_BYTES = 768 << 20
# Much larger than the tmpfs: the file system believes that it has room.
IMAGE_BYTES = 2048 << 20


def main():
    need_root_and("mkfs.xfs", "mkfs.ext4")
    need_programs("soak-log-writer")
    count = int(os.environ.get("COUNT", "100"))
    seed = int(os.environ.get("SEED", str(int(time.time()))))
    status = 0
    for kind in sys.argv[1:] or ["ext4", "xfs"]:
        for test in (Passing, Staying):
            status |= test(kind, seed).run(count)
    return status


class Reserve:
    """A file on the tmpfs that takes the room that the image would need to grow."""

    def __init__(self, directory):
        self.directory = directory
        self.path = os.path.join(directory, "reserve")

    def fill(self, leave):
        space = os.statvfs(self.directory)
        size = max(space.f_bavail * space.f_frsize - leave, 0)
        try:
            with open(self.path, "ab", buffering=0) as file:
                while size > 0:
                    size -= file.write(b"\0" * min(size, 1 << 20))
        except OSError:
            pass  # The log has taken the rest already.

    def free(self):
        if os.path.exists(self.path):
            os.unlink(self.path)


class _Errors:
    """A log on a disk that fails, looked at once it is whole again."""

    def __init__(self, kind, seed):
        self.kind, self.seed = kind, seed
        self.moments = random.Random(f"{seed} {kind} {self.name}")
        self.directory = workspace(f"error-{kind}")
        self.ledger = Ledger()
        self.stopped = self.went_on = self.waited = self.quiet = self.acknowledged = 0
        self.reasons = set()
        self.remarks = ""

    def run(self, count):
        started = time.monotonic()
        for turn in range(1, count + 1):
            self.turn(turn)
            progress(f"{self.kind}: {self.name} {turn} of {count}, {self.stopped} stopped, {self.went_on} went on")
            if not self.ledger.is_clean:
                break
        progress_done()
        ledger = self.ledger
        print(f"I/O errors that {self.name}, {self.kind}: {turn} turns in {time.monotonic() - started:.0f} s (seed {self.seed}"
              f"{self.remarks}); {self.acknowledged} batches acknowledged; the log went on in a fresh segment {self.went_on} "
              f"times, stopped with its reason {self.stopped} times ({', '.join(sorted(self.reasons))}), was still waiting "
              f"for space {self.waited} times, met no error {self.quiet} times; {ledger.verdict()}")
        for example in ledger.examples():
            print("  " + example)
        if ledger.is_clean:
            discard(self.directory)
            return 0
        print(f"  kept for a look: {self.directory}")
        return 1

    def begin(self, log):
        self.ledger.forget()
        writer = Writer(log, self.moments.choice((1, 4, 16)), SEGMENT_BYTES, 0)
        writer.has_opened.wait(60)
        time.sleep(self.moments.uniform(0, 0.1))
        return writer

    def judge(self, writer, before=None):
        """Takes what was acknowledged, up to a moment, and how the log met the errors."""
        self.acknowledged += self.ledger.note(writer, before)
        states = writer.states
        failed = [s for s in states if s.startswith("failed")]
        if failed or writer.stopped:
            self.stopped += 1
            reason = (failed or [writer.stopped])[-1]
            words = [w for w in ("Input/output error", "Read-only file system", "No space left", "needs cleaning") if w in reason]
            self.reasons.update(words)
            if not words:
                self.ledger.wrong.append(f"it stopped and does not say why: {reason}")
        elif states and states[-1] == "open":
            self.went_on += 1
        elif states:
            self.waited += 1
        else:
            self.quiet += 1

    def look(self, log):
        """What the log holds on a disk that is whole again."""
        recovered = recover(log, SEGMENT_BYTES)
        if recovered.opened is None:
            self.ledger.wrong.append(f"the log can't be opened: {recovered.stopped}")
        self.ledger.check(log)
        again = recover(log, SEGMENT_BYTES)
        if again.opened is None or again.opened[1] != 0:
            self.ledger.wrong.append(f"a recovered log is recovered again: {again.opened}")


class Passing(_Errors):
    name = "pass"

    def turn(self, turn):
        small = os.path.join(self.directory, "small")
        os.makedirs(small, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", small)
        reserve = Reserve(small)
        # In one turn of four the file system's own journal may meet the errors, too.
        system = FileSystem(
            self.kind, small, IMAGE_BYTES, ["-J", "size=4"] if self.kind == "ext4" else [], materialize=turn % 4 != 0)
        system.one_page_a_request()
        log = os.path.join(system.mount_point, "log")
        try:
            system.mount()
            if not self.remarks:
                self.remarks = f"; fdatasync twice: {self.probe(system.mount_point, reserve)}"
            writer = self.begin(log)
            reserve.fill(self.moments.randrange(0, 1 << 20))
            # Over before the log makes its second attempt, or after some of them.
            time.sleep(self.moments.choice((0.02, 0.1, 0.5, 1.5)))
            reserve.free()
            time.sleep(self.moments.choice((0.05, 1.5)))
            writer.kill()
            self.judge(writer)
            run("umount", system.mount_point, check=False)
            if system.check():
                # What a file system makes of errors in its own journal is repaired as an operator would do it.
                repair = {"ext4": f"e2fsck -f -y {system.device}",
                          "xfs": f"mount {system.device} {system.mount_point} && umount {system.mount_point}"}
                run("sh", "-c", repair[self.kind], check=False)
            system.mount()
            self.look(log)
            system.unmount()
        finally:
            if self.ledger.is_clean:
                system.remove()
                run("umount", small, check=False)

    @staticmethod
    def probe(mount_point, reserve):
        """How an fdatasync that fails and the next one end here; what all of this is about."""
        reserve.fill(0)
        path = os.path.join(mount_point, "probe")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        os.write(descriptor, b"x" * (4 << 20))
        outcomes = []
        for _ in range(2):
            try:
                os.fdatasync(descriptor)
                outcomes.append("OK")
            except OSError as error:
                outcomes.append(error.strerror)
        os.close(descriptor)
        reserve.free()
        os.unlink(path)
        return ", ".join(outcomes)


class Staying(_Errors):
    name = "stay"

    def turn(self, turn):
        outer = FileSystem("xfs", self.directory, 2 * IMAGE_BYTES)
        outer.mount()
        inside = os.path.join(outer.mount_point, "inside")
        os.makedirs(inside)
        system = FileSystem(self.kind, inside, IMAGE_BYTES)
        log = os.path.join(system.mount_point, "log")
        try:
            system.mount()
            os.sync()
            writer = self.begin(log)
            moment = outer.lose_power()
            time.sleep(0.3)
            writer.kill()
            self.judge(writer, before=moment)
            run("umount", system.mount_point, check=False)
            run("losetup", "-d", system.device)
            # Whoever made a mount namespace of his own meanwhile, as other tests do, holds what was mounted then until he ends.
            outer.unmount(patience=60)
            outer.mount()
            system.device = run("losetup", "-f", "--show", system.image).stdout.strip()
            system.mount()
            self.look(log)
            system.unmount()
        finally:
            if self.ledger.is_clean:
                system.remove()
                outer.remove()


if __name__ == "__main__":
    sys.exit(main())
