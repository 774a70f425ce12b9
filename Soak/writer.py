"""The log itself under load, by soak-log-writer, and a check of what it acknowledged."""

import os
import subprocess
import threading

from daemon import PROGRAMS
from log_file import Log

KIND = 200


class Writer:
    """A running soak-log-writer; its lines are read as they come."""

    def __init__(self, directory, writers, segment_bytes, sequence):
        self.acknowledged = []
        self.opened = None
        self.faults = []
        self.states = []
        self.stopped = None
        self.has_opened = threading.Event()
        self.process = subprocess.Popen(
            [os.path.join(PROGRAMS, "soak-log-writer"), directory, str(writers), str(segment_bytes), str(sequence)],
            stdout=subprocess.PIPE, text=True, bufsize=1 << 16)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            # The last line of a writer that was killed may have no end, but then it was no acknowledgement.
            word, _, rest = line.partition(" ")
            if not line.endswith("\n"):
                continue
            if word == "acknowledged":
                self.acknowledged.append(tuple(map(int, rest.split())))
            elif word == "opened":
                self.opened = tuple(map(int, rest.split()))
                self.has_opened.set()
            elif word == "fault":
                self.faults.append(rest.strip())
            elif word == "state":
                self.states.append(rest.strip())
            elif word == "stopped":
                self.stopped = rest.strip()
        self.has_opened.set()

    def kill(self):
        self.process.kill()
        self.wait()

    def wait(self, seconds=60):
        self.process.wait(seconds)
        self._reader.join(seconds)


def recover(directory, segment_bytes):
    """Opens the log once, which recovers it; returns what the program said."""
    writer = Writer(directory, 0, segment_bytes, 0)
    writer.wait()
    return writer


def records(writer, sequence, count):
    """What the writer's batch holds, worked out anew."""
    for place in range(count):
        length = (writer * 31 + sequence * 17 + place * 977) % 3000
        filler = 33 + (writer * 7 + sequence * 13 + place) % 90
        yield b"%d %d %d %d " % (writer, sequence, place, count) + bytes([filler]) * length


class Ledger:
    """What was acknowledged over all lives of a log, and whether the log still has it."""

    def __init__(self):
        self.batches = {}
        self.next_sequence = 0
        self.lost, self.doubled, self.wrong = [], [], []

    def note(self, writer, before=None):
        """Takes what one life acknowledged, up to a moment in nanoseconds; returns how many batches that were."""
        noted = 0
        for first, count, number, sequence, moment in writer.acknowledged:
            self.next_sequence = max(self.next_sequence, sequence + 1)
            if before is not None and moment >= before:
                continue
            noted += 1
            if first in self.batches:
                self.doubled.append(f"position {first} was given twice: {self.batches[first]} and {(count, number, sequence)}")
            self.batches[first] = (count, number, sequence)
        # Some were written and not acknowledged; the next life must not take their numbers.
        self.next_sequence += 2
        return noted

    def check(self, directory):
        """Compares with the log; returns it."""
        log = Log(directory)
        self.wrong += log.faults
        there, order, seen = {}, {}, set()
        for first, entries in log.batches:
            head = entries[0].body.split(b" ", 4)
            number, sequence, count = int(head[0]), int(head[1]), int(head[3])
            if [e.body for e in entries] != list(records(number, sequence, count)) or entries[0].kind != KIND:
                self.wrong.append(f"the batch at {first} has other bytes than were written")
            there[first] = (len(entries), number, sequence)
            if (number, sequence) in seen:
                self.doubled.append(f"writer {number}'s batch {sequence} is there twice, at {first} again")
            seen.add((number, sequence))
            if order.get(number, -1) >= sequence:
                self.wrong.append(f"writer {number}'s batch {sequence} follows {order[number]}")
            order[number] = sequence
        for first, batch in self.batches.items():
            if there.get(first) != batch:
                self.lost.append(f"{batch} at position {first}, the log has {there.get(first)}")
        return log

    def forget(self):
        self.batches = {}
        self.next_sequence = 0

    @property
    def is_clean(self):
        return not (self.lost or self.doubled or self.wrong)

    def verdict(self):
        return f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.wrong)} otherwise wrong"

    def examples(self):
        return [f"lost: {e}" for e in self.lost[:10]] + [f"doubled: {e}" for e in self.doubled[:10]] + [
            f"wrong: {e}" for e in self.wrong[:10]]
