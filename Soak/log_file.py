"""Reads a log as docs/log.md describes it; shares no code with the daemon."""

import ctypes
import json
import os
import subprocess
import tempfile
from collections import namedtuple

HEADER_COPY = 64
SECOND_COPY = 4096
BATCH_HEADER = 48
LONGEST_PLAIN = 64 << 20
# By the form of the record: where the original's id stands, and where the source's name does.
DOCUMENT_LINKS = {1: 64, 2: 56}
DOCUMENT_HEADER = {1: 88, 2: 166}
DOCUMENT, RECEIPT, DEAD_LETTER, CURSOR = 1, 2, 3, 4

Record = namedtuple("Record", "position kind body")
Document = namedtuple("Document", "position id revision hash source duplicate_of json")


def _checksum_function():
    directory = tempfile.mkdtemp(prefix="millrace-crc32c-")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "crc32c.c")
    library = os.path.join(directory, "crc32c.so")
    compiler = next((c for c in ("cc", "gcc", "clang") if subprocess.call(["sh", "-c", f"command -v {c} >/dev/null"]) == 0), None)
    if compiler is None:
        raise SystemExit("no C compiler for crc32c.c: apt-get install gcc")
    subprocess.check_call([compiler, "-O2", "-shared", "-fPIC", "-o", library, source])
    function = ctypes.CDLL(library).crc32c
    function.restype = ctypes.c_uint32
    function.argtypes = [ctypes.c_uint32, ctypes.c_char_p, ctypes.c_size_t]
    os.unlink(library)
    os.rmdir(directory)
    return lambda data, start=0: function(start, data, len(data))


def _decompression_function():
    library = ctypes.CDLL("libzstd.so.1")
    function = library.ZSTD_decompress
    function.restype = ctypes.c_size_t
    function.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]

    def decompress(data, length):
        """The `length` bytes that `data` decompresses to, else None."""
        plain = ctypes.create_string_buffer(length)
        return plain.raw if function(plain, length, data, len(data)) == length else None

    return decompress


decompress = _decompression_function()
crc32c = _checksum_function()
assert crc32c(b"123456789") == 0xE3069283


def number(data, offset, size):
    return int.from_bytes(data[offset:offset + size], "little")


def segments(directory):
    """(first position, path) of each segment, by position."""
    names = [n for n in os.listdir(directory) if n.endswith(".segment") and len(n) == 28]
    return sorted((int(name[:20]), os.path.join(directory, name)) for name in names)


def _header(data):
    """(offset of the first batch, first position, salt) from either copy of the segment's header, else None."""
    for place in (0, SECOND_COPY):
        copy = data[place:place + HEADER_COPY]
        if copy[:8] == b"MILLRACE" and crc32c(copy[:60]) == number(copy, 60, 4):
            return number(copy, 12, 4), number(copy, 16, 8), number(copy, 40, 4)
    return None


def _batch(data, offset, salt):
    """(first position, count, end, records) of a whole batch at `offset`, else None; no records where they can't be
    decompressed."""
    head = data[offset:offset + BATCH_HEADER]
    if len(head) < BATCH_HEADER or head[:4] != b"BTCH" or crc32c(head[:44], salt) != number(head, 44, 4):
        return None
    length = number(head, 4, 4)
    body = data[offset + BATCH_HEADER:offset + BATCH_HEADER + length]
    if len(body) < length or crc32c(body) != number(head, 40, 4):
        return None
    end = offset + BATCH_HEADER + length
    plain = number(head, 20, 4)
    if plain:
        body = decompress(body, plain) if plain <= LONGEST_PLAIN else None
    return number(head, 8, 8), number(head, 16, 4), end + -end % 8, body


def read_segment(path, before=None):
    """Yields (first position, [records]) of each whole batch, and a text for each fault."""
    with open(path, "rb") as file:
        data = file.read()
    header = _header(data)
    if header is None:
        if before is not None or any(data):
            yield f"{path}: the segment's header is not whole"
        return
    offset, expected, salt = header
    # Behind the next segment's first position stands only what was written again there.
    while offset < len(data) and (before is None or expected < before):
        batch = _batch(data, offset, salt)
        if batch is None:
            # A batch behind bytes that are none.
            place = data.find(b"BTCH", offset + 1)
            while place >= 0 and (place % 8 or _batch(data, place, salt) is None):
                place = data.find(b"BTCH", place + 1)
            if place < 0:
                # At the end of the newest segment a torn batch was never acknowledged.
                if any(data[offset:]) and before is not None:
                    yield f"{path}: at byte {offset}: no batch"
                return
            yield f"{path}: at byte {offset}: {place - offset} bytes that are no batch"
            offset = place
            continue
        first, count, end, body = batch
        if before is not None and first >= before:
            return
        if body is None:
            yield f"{path}: at byte {offset}: records that can't be decompressed"
            offset, expected = end, first + count
            continue
        records, place = [], 0
        for position in range(first, first + count):
            length = number(body, place, 4)
            records.append(Record(position, body[place + 4], body[place + 5:place + 5 + length]))
            place += 5 + length
        if place != len(body):
            yield f"{path}: at byte {offset}: {count} records have {place} bytes, the batch has {len(body)}"
        yield first, records
        offset, expected = end, first + count


class Snapshot:
    """What a log's newest snapshot says of documents, and what is wrong with it; position 0 where there is none."""

    def __init__(self, directory):
        names = sorted(n for n in os.listdir(directory) if n.endswith(".snapshot") and len(n) == 29)
        self.position = int(names[-1][:20]) if names else 0
        self.faults = []
        # By id: position and number of the newest revision, and the SHA-256.
        self.documents = {}
        if not names:
            return
        path = os.path.join(directory, names[-1])
        with open(path, "rb") as file:
            header = file.read(HEADER_COPY)
        if number(header, 16, 8) != self.position or number(header, 32, 8) != os.path.getsize(path):
            self.faults.append(f"{path}: its header is that of another file")
        expected = 1
        # Nothing in a snapshot is ever torn: it gets its name when all of it is durable.
        for entry in read_segment(path, before=1 << 62):
            if isinstance(entry, str):
                self.faults.append(entry)
                continue
            first, records = entry
            if first != expected:
                self.faults.append(f"{path}: records {expected} to {first - 1} are missing")
            expected = first + len(records)
            for _, kind, body in records:
                if kind == 1:
                    identifier = f"{number(body, 8, 8):016x}{number(body, 16, 8):016x}"
                    self.documents[identifier] = number(body, 0, 8), number(body, 24, 8), body[32:64]


class Log:
    """All whole batches of a log, and what is wrong with it."""

    def __init__(self, directory):
        self.batches = []
        self.faults = []
        found = segments(directory)
        for index, (first, path) in enumerate(found):
            before = found[index + 1][0] if index + 1 < len(found) else None
            for entry in read_segment(path, before):
                if isinstance(entry, str):
                    self.faults.append(entry)
                else:
                    self.batches.append(entry)
        self.snapshot = Snapshot(directory)
        self.faults += self.snapshot.faults
        # What was trimmed must be in the snapshot.
        self.first = found[0][0] if found else self.snapshot.position + 1
        if self.first > self.snapshot.position + 1:
            self.faults.append(f"positions {self.snapshot.position + 1} to {self.first - 1} are in no segment and no snapshot")
        expected = self.batches[0][0] if self.batches else 1
        for first, records in self.batches:
            if first != expected:
                self.faults.append(f"a batch at position {first}, {expected} is expected")
            expected = first + len(records)
        self.next_position = expected

    @property
    def records(self):
        return (record for _, records in self.batches for record in records)

    @property
    def documents(self):
        return [document(record) for record in self.records if record.kind == DOCUMENT]

    @property
    def dead_letters(self):
        return [json.loads(r.body.split(b"\n", 1)[0]) for r in self.records if r.kind == DEAD_LETTER]


def document(record):
    """A document record, its header read as docs/log.md has it."""
    body = record.body
    name_length = number(body, 2, 2)
    links, name = DOCUMENT_LINKS[body[0]], DOCUMENT_HEADER[body[0]]
    start = name + name_length
    identifier = f"{number(body, 8, 8):016x}{number(body, 16, 8):016x}"
    original = f"{number(body, links, 8):016x}{number(body, links + 8, 8):016x}" if body[1] & 1 else None
    return Document(
        record.position, identifier, number(body, 4, 4), body[24:56], body[name:start].decode(), original,
        json.loads(body[start:]))
