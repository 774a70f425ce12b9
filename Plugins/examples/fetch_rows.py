#!/usr/bin/env python3
"""A fetch plugin for Millrace: brings the rows that were added to an SQLite table since the last run.

It needs Python 3.8 and nothing else. Class Core is all of the protocol (docs/plugin-protocol.md) that a fetcher needs;
take it as it is and write a `fetch` of your own.
"""

import json
import sqlite3
import sys
from collections import deque


class Cancelled(Exception):
    """The core asked to end the job early."""


class Core:
    """The daemon at the other end of our standard streams."""

    def __init__(self, name, version, settings):
        self.hello = {"type": "hello", "protocol": 1, "name": name, "version": version, "roles": ["fetch"],
                      "settings": settings}
        self.waiting = deque()  # fetch requests that came while another job was open
        self.job = None
        self.item = 0
        self.window = 0
        self.unacknowledged = deque()  # (item, bytes)

    def run(self, fetch):
        """Answers the core until it closes our input."""
        while True:
            request = self.waiting.popleft() if self.waiting else self._receive()
            if request is None:
                return
            if request["type"] != "fetch":
                self._answer(request)
                continue
            self.job, self.item, self.window = request["job"], 0, request["window"]
            self.unacknowledged.clear()
            try:
                self._send({"type": "done", "job": self.job, **(fetch(self, request) or {})})
            except Cancelled:
                self._send({"type": "done", "job": self.job})
            except OSError as error:
                self.fail("transient", str(error))
            self.job = None

    def fail(self, kind, message, remedy=None):
        """Ends the job: `transient` may pass by itself, `configuration` stays until the configuration changes."""
        self._send({"type": "failed", "job": self.job, "kind": kind, "message": message,
                    **({"remedy": remedy} if remedy else {})})

    def bring(self, body, uri, state=None, **members):
        """Sends one item. `state` becomes the source's state in the very batch that the item's documents are in."""
        # Back-pressure is all in here: beyond the window we wait for the core.
        while self.unacknowledged and sum(size for _, size in self.unacknowledged) + len(body) > self.window:
            frame = self._receive()
            if frame is None:
                sys.exit(0)
            self._answer(frame)
        self.item += 1
        self.unacknowledged.append((self.item, len(body)))
        self._send({"type": "item", "job": self.job, "item": self.item, "uri": uri, "state": state or {}, **members},
                   body)

    def log(self, level, message):
        self._send({"type": "log", "level": level, "message": message, "job": self.job})

    def _answer(self, frame):
        if frame["type"] == "hello":
            self._send(self.hello)
        elif frame["type"] == "fetch":
            self.waiting.append(frame)
        elif frame["type"] == "ack" and frame["job"] == self.job:
            while self.unacknowledged and self.unacknowledged[0][0] <= frame["item"]:
                self.unacknowledged.popleft()
        elif frame["type"] == "cancel" and frame["job"] == self.job:
            raise Cancelled
        elif frame["type"] == "ping":
            self._send({"type": "pong", "id": frame["id"]})
        elif frame["type"] == "shutdown":
            sys.exit(0)

    def _receive(self):
        line = sys.stdin.buffer.readline()
        return json.loads(line) if line else None

    def _send(self, frame, body=b""):
        if body:
            frame = {**frame, "body": len(body)}
        sys.stdout.buffer.write(json.dumps(frame).encode() + b"\n" + body)
        sys.stdout.buffer.flush()


# The core checks the sources' settings by this before it asks us anything.
SETTINGS = {
    "type": "object",
    "required": ["path", "table"],
    "properties": {
        "path": {"type": "string", "format": "path", "description": "the SQLite database"},
        "table": {"type": "string", "description": "the table whose rows are documents"},
        "id": {"type": "string", "default": "id", "description": "the column that grows with each new row"},
    },
}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def fetch(core, request):
    settings = request["settings"]
    table, column = settings["table"], settings.get("id", "id")
    last = request["state"].get("last", 0)
    try:
        database = sqlite3.connect(f"file:{settings['path']}?mode=ro", uri=True)
        database.row_factory = sqlite3.Row
        # Only what is new: the state came back as the last acknowledged item left it.
        rows = database.execute(
            f"SELECT * FROM {quoted(table)} WHERE {quoted(column)} > ? ORDER BY {quoted(column)}", (last,))
        for row in rows:
            number = row[column]
            record = {name: row[name] for name in row.keys() if isinstance(row[name], (str, int, float))}
            core.bring(
                json.dumps(record).encode() + b"\n", uri=f"sqlite:{settings['path']}#{table}/{number}",
                key=f"{table}/{number}", media_type="application/x-ndjson", records="json", state={"last": number})
            last = number
    except sqlite3.Error as error:
        raise OSError(f"{settings['path']}: {error}") from error
    return {"unchanged": core.item == 0}


if __name__ == "__main__":
    Core("rows", "1.0", SETTINGS).run(fetch)
