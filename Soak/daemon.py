"""Starts, asks and kills the built daemon."""

import atexit
import glob
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = os.environ.get("MILLRACE_PROGRAMS", os.path.join(ROOT, ".build", "release"))


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("millrace", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """One state directory, and the daemon that is started on it again and again."""

    def __init__(self, configuration, directory, state=None):
        self.directory = directory
        self.state = state or os.path.join(directory, "state")
        self.socket = os.path.join(directory, "s")
        self.log_path = os.path.join(directory, "daemon.log")
        self.configuration = os.path.join(directory, "millrace.toml")
        with open(self.configuration, "w") as file:
            file.write(configuration)
        self.process = None
        # A test that fails leaves no daemon behind.
        atexit.register(lambda: self.process and self.process.poll() is None and self.kill())

    def start(self, stdin=subprocess.DEVNULL):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(PROGRAMS, "millraced"), "--config", self.configuration, "--state-directory", self.state,
                 "--control-socket", self.socket],
                stdin=stdin, stdout=subprocess.DEVNULL, stderr=log, cwd=self.directory)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=60):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def request(self, method, path, body=None, media_type="text/plain", timeout=30, **query):
        """(status, answer); raises OSError where the daemon is not there or goes away."""
        connection = _UnixConnection(self.socket, timeout)
        try:
            target = "/v1/" + path + ("?" + urllib.parse.urlencode(query) if query else "")
            connection.request(method, target, body, {"Content-Type": media_type} if body is not None else {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (http.client.HTTPException, json.JSONDecodeError) as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def status(self):
        return self.request("GET", "status")[1]

    def wait(self, what, condition, seconds=60):
        """Waits until `condition(status)` holds."""
        end, last = time.monotonic() + seconds, None
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SystemExit(f"the daemon ended with {self.process.returncode} while waiting for {what}; see {self.log_path}")
            try:
                last = self.status()
                if condition(last):
                    return last
            except OSError as error:
                last = last or str(error)
            time.sleep(0.05)
        raise SystemExit(f"waited {seconds} s for {what}; {json.dumps(last)[:3000]}; see {self.log_path}")

    def wait_until_running(self, seconds=60):
        return self.wait("the daemon to run", lambda s: s["state"] == "running" and s["pid"] == self.process.pid, seconds)

    def settle(self, seconds=120, quiet=1.0, condition=lambda status: True):
        """Waits until nothing is on its way, the sinks have everything, and that stays so for a while."""
        since = [None, None]

        def quiet_now(status):
            # Items that bring nothing new may go on for ever.
            counts = status["counts"]
            key = [counts[name] for name in ("new", "revised", "duplicates", "dead_letters")]
            if not all(s["lag"] == 0 for s in status["sinks"]) or not condition(status) or key != since[0]:
                since[:] = [key, time.monotonic()]
                return False
            return time.monotonic() - since[1] >= quiet
        return self.wait("everything to end", quiet_now, seconds)


def workspace(name):
    """A directory that is kept when something is wrong."""
    parent = os.environ.get("SOAK_DIRECTORY", tempfile.gettempdir())
    return tempfile.mkdtemp(prefix=f"millrace-soak-{name}-", dir=parent)


def discard(directory):
    shutil.rmtree(directory, ignore_errors=True)


def jsonl_lines(path):
    """All lines of a jsonl sink, those put aside first."""
    aside = sorted(p for p in glob.glob(path + ".*") if p[len(path) + 1:].isdigit())
    for name in aside + ([path] if os.path.exists(path) else []):
        with open(name, "rb") as file:
            for line in file:
                yield line


def need_programs(*names):
    for name in names or ("millraced",):
        if not os.access(os.path.join(PROGRAMS, name), os.X_OK):
            raise SystemExit(f"{PROGRAMS}/{name} is not built: make build")


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def progress_done():
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
