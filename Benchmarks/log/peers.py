"""Appends a second of other programs that sync before they acknowledge: each function takes a directory of its own on the
disk that is measured, the number of writers, the bytes of a record and the seconds to run, and returns a rate.
"""

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Server:
    """A server process, ready once it takes connections, killed at the end."""

    def __init__(self, command, family, address):
        self.process = subprocess.Popen(command, **QUIET)
        for _ in range(200):
            with socket.socket(family) as probe:
                if probe.connect_ex(address) == 0:
                    return
            time.sleep(0.05)
        self.process.kill()
        raise SystemExit(f"bench-log: {command[0]} does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def redis(directory, writers, size, seconds):
    """Redis with `appendfsync always`, driven by its own benchmark over a Unix socket, one list a client appends to."""
    path = os.path.abspath(f"{directory}/socket")
    server = ["redis-server", "--port", "0", "--unixsocket", path, "--dir", directory, "--appendonly", "yes",
              "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0"]

    def push(count):
        begin = time.monotonic()
        subprocess.run(["redis-benchmark", "-s", path, "-c", str(writers), "-n", str(count), "-d", str(size), "-q",
                        "-t", "rpush"], check=True, **QUIET)
        return count / (time.monotonic() - begin)

    with Server(server, socket.AF_UNIX, path):
        # The benchmark is told a count, so a short run says what count takes the seconds.
        return push(max(int(push(200 * writers) * seconds), 1000))


def sqlite(directory, writers, size, seconds):
    """SQLite in WAL mode with `synchronous=FULL`: a thread and a connection for each writer, a transaction a record."""
    path = f"{directory}/database"
    record = b"x" * size
    counts = [0] * writers
    first = sqlite3.connect(path)
    first.execute("PRAGMA journal_mode=WAL")
    first.execute("CREATE TABLE records (position INTEGER PRIMARY KEY, bytes BLOB)")
    end = time.monotonic() + seconds

    def write(number):
        connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        while time.monotonic() < end:
            connection.execute("INSERT INTO records (bytes) VALUES (?)", (record,))
            counts[number] += 1
        connection.close()

    begin = time.monotonic()
    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begin)


def nats(directory, writers, size, seconds):
    """NATS JetStream with `sync_interval: always`: each writer waits for the acknowledgement of what it published."""
    port = free_port()
    with open(f"{directory}/server.conf", "w") as file:
        file.write(f'listen: "127.0.0.1:{port}"\n'
                   f'jetstream {{ store_dir: "{os.path.abspath(directory)}", sync_interval: always }}\n')
    program = os.path.join(os.path.dirname(sys.executable), "nats-server")
    with Server([program, "-c", f"{directory}/server.conf"], socket.AF_INET, ("127.0.0.1", port)):
        return asyncio.run(publish(port, writers, b"x" * size, seconds))


async def publish(port, writers, record, seconds):
    import nats as client

    connection = await client.connect(f"nats://127.0.0.1:{port}")
    stream = connection.jetstream()
    await stream.add_stream(name="records", subjects=["records"])
    end = time.monotonic() + seconds

    async def write():
        count = 0
        while time.monotonic() < end:
            await stream.publish("records", record)
            count += 1
        return count

    begin = time.monotonic()
    counts = await asyncio.gather(*[write() for _ in range(writers)])
    rate = sum(counts) / (time.monotonic() - begin)
    await connection.close()
    return rate


def versions():
    """What is compared, by name; a peer that is not installed is missing."""
    found = {}
    if shutil.which("redis-server") and shutil.which("redis-benchmark"):
        told = subprocess.run(["redis-server", "--version"], check=True, capture_output=True, text=True).stdout
        found["Redis " + told.split("v=")[1].split()[0] + ", always"] = redis
    found[f"SQLite {sqlite3.sqlite_version}, WAL, FULL"] = sqlite
    program = os.path.join(os.path.dirname(sys.executable), "nats-server")
    if os.path.exists(program):
        told = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
        found["NATS JetStream " + told.split("v")[-1].strip() + ", always"] = nats
    return found
