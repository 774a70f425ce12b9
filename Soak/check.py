"""Compares what was acknowledged with what is in the log and in the sinks; knows nothing of the daemon's code."""

import json
import os
import sqlite3

from daemon import discard, jsonl_lines, progress_done
from log_file import Document, Log


class Findings:
    """What is wrong, and how much was looked at."""

    def __init__(self):
        self.lost = []
        self.doubled = []
        self.wrong = []
        self.figures = {}

    @property
    def is_clean(self):
        return not (self.lost or self.doubled or self.wrong)

    def summary(self):
        figures = ", ".join(f"{value} {name}" for name, value in self.figures.items())
        return f"{figures}; {len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.wrong)} otherwise wrong"

    def examples(self):
        for name in ("lost", "doubled", "wrong"):
            for example in getattr(self, name)[:20]:
                yield f"{name}: {example}"

    def finish(self, what, directory):
        """Prints the verdict; returns the exit status. The directory is kept where something is wrong."""
        progress_done()
        print(f"{what}; {self.summary()}")
        for example in self.examples():
            print("  " + str(example))
        if self.is_clean:
            discard(directory)
            return 0
        print(f"  kept for a look: {directory}")
        return 1


def check_everything(daemon, load, out, findings):
    """Log and sinks of a daemon that has ended, against what the clients of `load` were told; returns the documents."""
    findings.figures["acknowledged pushes"] = len(load.acknowledged)
    findings.figures["files"] = len(load.files)
    findings.wrong += load.refused
    _, documents = check_log(daemon.state, findings, load.wanted(), sink=os.path.join(out, "out.jsonl"))
    entries = sum(d.source == "feed" for d in documents)
    findings.figures["feed entries"] = entries
    if entries != load.web.entries:
        kind = findings.lost if entries < load.web.entries else findings.doubled
        kind.append(f"{entries} documents of {load.web.entries} feed entries")
    for name in ("out.jsonl", "rotated.jsonl"):
        check_jsonl(os.path.join(out, name), documents, findings)
    check_sqlite(os.path.join(out, "out.sqlite3"), documents, findings)
    return documents


def trimmed_documents(log, sink):
    """Documents that are only in the sink's file any more, because the log begins behind them."""
    found = []
    for line in jsonl_lines(sink):
        # The last line of a sink that was killed may have no end.
        entry = json.loads(line) if line.endswith(b"\n") else {"position": log.first}
        if entry["position"] < log.first:
            found.append(Document(
                entry["position"], entry["id"], entry.get("revision", 1), None, entry.get("source"), entry.get("duplicate_of"), entry))
    return found


def check_snapshot(log, documents, findings):
    """The snapshot knows the newest revision that a document had at its position, and no other documents."""
    newest = {d.id: d for d in documents if d.position <= log.snapshot.position}
    known = log.snapshot.documents
    findings.lost += [f"{i} is not in the snapshot" for i in newest if i not in known]
    findings.wrong += [f"{i} is in the snapshot only" for i in known if i not in newest]
    for identifier, document in newest.items():
        position, revision, digest = known.get(identifier, (document.position, document.revision, document.hash))
        if (position, revision) != (document.position, document.revision):
            findings.wrong.append(f"{identifier}: revision {revision} at {position} in the snapshot, {document.revision} at {document.position}")
    findings.figures["documents in the snapshot"] = len(known)


def check_log(state, findings, wanted=(), wanted_dead=0, sink=None):
    """Every document once, revisions in order, each of `wanted` (uris) there exactly once as a first revision.

    What was trimmed from the log is looked up in the file of `sink`.
    """
    log = Log(os.path.join(state, "log"))
    findings.wrong += log.faults
    documents = (trimmed_documents(log, sink) if log.first > 1 and sink else []) + log.documents
    if log.snapshot.position:
        check_snapshot(log, documents, findings)
        findings.figures["positions trimmed"] = log.first - 1
    revisions, hashes, by_uri = {}, {}, {}
    for found in documents:
        known = revisions.get(found.id, 0)
        if found.revision != known + 1:
            (findings.doubled if found.revision <= known else findings.lost).append(
                f"position {found.position}: revision {found.revision} of {found.id} follows {known}")
        if found.hash is not None and hashes.get(found.id) == found.hash:
            findings.doubled.append(f"position {found.position}: {found.id} once more with the same content")
        revisions[found.id], hashes[found.id] = found.revision, found.hash
        if found.revision == 1:
            if found.duplicate_of is not None:
                findings.doubled.append(f"position {found.position}: {found.json.get('uri')} repeats {found.duplicate_of}")
            by_uri.setdefault(found.json.get("uri"), []).append(found.position)
    for uri in wanted:
        positions = by_uri.get(uri, [])
        if not positions:
            findings.lost.append(f"{uri} is not in the log")
        elif len(positions) > 1:
            findings.doubled.append(f"{uri} at {positions}")
    letters = log.dead_letters
    if len(letters) != wanted_dead:
        findings.wrong.append(f"{len(letters)} dead letters: {letters[:3]}")
    findings.figures["documents in the log"] = len(documents)
    return log, documents


def check_jsonl(path, documents, findings):
    """Each document of the log once, in the log's order, and nothing else."""
    expected = [(d.position, d.id, d.revision) for d in documents]
    found = []
    for line in jsonl_lines(path):
        try:
            entry = json.loads(line)
            found.append((entry["position"], entry["id"], entry.get("revision", 1)))
        except (ValueError, KeyError):
            findings.wrong.append(f"{path}: no document: {line[:80]!r}")
    _compare(path, expected, found, findings)
    if found != sorted(found):
        findings.wrong.append(f"{path}: not in the log's order")
    findings.figures[f"lines in {os.path.basename(path)}"] = len(found)


def check_sqlite(path, documents, findings):
    """The newest revision of each document once, and a full-text index that fits."""
    newest = {d.id: (d.position, d.id, d.revision) for d in documents}
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT position, id, revision FROM documents").fetchall()
    _compare(path, sorted(newest.values()), sorted(found), findings)
    try:
        connection.execute("INSERT INTO words(words, rank) VALUES('integrity-check', 1)")
        for (problem,) in connection.execute("PRAGMA integrity_check").fetchall():
            if problem != "ok":
                findings.wrong.append(f"{path}: {problem}")
    except sqlite3.DatabaseError as error:
        findings.wrong.append(f"{path}: {error}")
    connection.close()
    findings.figures[f"rows in {os.path.basename(path)}"] = len(found)


def _compare(path, expected, found, findings):
    counts = {}
    for entry in found:
        counts[entry] = counts.get(entry, 0) + 1
    wanted = set(expected)
    findings.lost += [f"{path}: {entry} is not there" for entry in expected if entry not in counts]
    findings.doubled += [f"{path}: {entry} is there {n} times" for entry, n in counts.items() if n > 1]
    findings.wrong += [f"{path}: {entry} is not in the log" for entry in counts if entry not in wanted]
