"""Content for a daemon under test, from all sides at once, and a record of what was acknowledged."""

import http.server
import os
import random
import threading
import time

WORDS = ("mill wheel water river stone barley flour sluice weir miller carp otter heron willow bridge ferry lock canal "
         "harvest winter lantern rope barrel sack cart horse valley village church bell market letter road").split()


def sentence(seed, length=14):
    words = random.Random(seed)
    return " ".join(words.choice(WORDS) for _ in range(length)).capitalize() + "."


def page(name, text):
    return (f'<!doctype html><html lang="en"><head><title>{name}</title></head><body><article><h1>{name}</h1>'
            f"<p>{name}: {text}</p><p>{sentence(name + text, 30)}</p></article></body></html>").encode()


class Web(http.server.ThreadingHTTPServer):
    """A feed that grows, and pages that change, named by a sitemap."""

    daemon_threads = True
    PAGES = 20

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = self.server_address[1]
        self.entries = 0
        self.versions = [1] * self.PAGES
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def feed(self):
        items = "".join(
            f'<item><title>Entry {n}</title><guid isPermaLink="false">{self.base}/entry/{n}</guid>'
            f"<link>{self.base}/entry/{n}</link><description>Entry {n}. {sentence(f'e{n}')}</description></item>"
            for n in range(self.entries))
        return (f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>{self.base}/</link>{items}'
                "</channel></rss>").encode()

    def sitemap(self):
        urls = "".join(f"<url><loc>{self.base}/page/{n}.html</loc></url>" for n in range(self.PAGES))
        return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()

    def handle_error(self, request, client_address):
        """A client that was killed is no error here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server, status, kind = self.server, 200, "text/html; charset=utf-8"
        if self.path == "/feed.xml":
            body, kind = server.feed(), "application/rss+xml"
        elif self.path == "/sitemap.xml":
            body, kind = server.sitemap(), "application/xml"
        elif self.path.startswith("/page/"):
            number = int(self.path[6:-5])
            body = page(f"Page {number}", f"Version {server.versions[number]} of it. {sentence(self.path)}")
        else:
            status, body = 404, b"nothing here"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Load:
    """Threads that bring content for as long as they are let."""

    def __init__(self, daemon, directory, ingesters=4, files=True, web=True, stdin=True, ingest_bytes=0):
        self.daemon = daemon
        self.incoming = os.path.join(directory, "in")
        os.makedirs(self.incoming, exist_ok=True)
        self.web = Web() if web else None
        self.acknowledged = []
        # When each acknowledged push was begun and answered, in nanoseconds of CLOCK_MONOTONIC.
        self.moments = {}
        # From a loss of power until the daemon was dead.
        self.dark = []
        self.refused = []
        self.files = []
        self.stdin_lines = 0
        self.ingest_bytes = ingest_bytes
        self._stop = threading.Event()
        self._stdin = None
        self._threads = [threading.Thread(target=self._ingest, args=(n,), daemon=True) for n in range(ingesters)]
        if files:
            self._threads.append(threading.Thread(target=self._drop_files, daemon=True))
        if web:
            self._threads.append(threading.Thread(target=self._change_web, daemon=True))
        if stdin:
            self._threads.append(threading.Thread(target=self._write_stdin, daemon=True))

    def start(self):
        for thread in self._threads:
            thread.start()

    def finish(self, seconds=60):
        """No more is begun; what was begun is brought to its end."""
        self._stop.set()
        for thread in self._threads:
            thread.join(seconds)
            if thread.is_alive():
                raise SystemExit("a client still waits for its answer")

    def bring_to_end(self, seconds=60):
        """Lets the daemon come to the end of everything and stops it; a word where it does not end cleanly."""
        self.finish(seconds)
        # The last entries of the feed and the last versions of the pages come with the sources' next run.
        for source in ("feed", "pages"):
            self.daemon.request("POST", f"sources/{source}/run")
        time.sleep(2)
        self.daemon.settle(quiet=3)
        return [] if self.daemon.stop() == 0 else ["the daemon did not end cleanly"]

    def disbelieve(self, first, last):
        """Nothing that was asked before `last`, when the daemon was dead, can have been answered after `first`.

        An answer may lie in the client's socket still, so the client is believed or not when all has ended.
        """
        self.dark.append((first, last))

    def believed(self, uri):
        begun, answered = self.moments[uri]
        return not any(begun <= last and answered >= first for first, last in self.dark)

    def new_stdin(self):
        """The reading end of a new pipe, for a daemon about to be started."""
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        old, self._stdin = self._stdin, writing
        if old is not None:
            os.close(old)
        return reading

    def _ingest(self, number):
        sequence = 0
        while not self._stop.is_set():
            uri = f"push:{number}/{sequence}"
            body = f"Note {sequence} of client {number}. {sentence(uri)} " + sentence(uri, self.ingest_bytes // 7)
            while True:
                begun = time.monotonic_ns()
                try:
                    status, answer = self.daemon.request("POST", "ingest", body.encode(), source="inbox", uri=uri, timeout=120)
                except OSError:
                    # Not acknowledged: the client comes again, as ingest's users are told to.
                    time.sleep(0.01)
                    continue
                if status == 200 and answer.get("new", 0) + answer.get("unchanged", 0) == 1:
                    self.moments[uri] = begun, time.monotonic_ns()
                    self.acknowledged.append(uri)
                    break
                if status == 200:
                    self.refused.append((uri, answer))
                    break
                time.sleep(0.05)
            sequence += 1

    def _drop_files(self):
        number = 0
        while not self._stop.wait(0.02):
            name = os.path.join(self.incoming, f"{number}.html")
            with open(name + ".part~", "wb") as file:
                file.write(page(f"File {number}", sentence(f"f{number}")))
            os.rename(name + ".part~", name)
            self.files.append(name)
            number += 1

    def _change_web(self):
        turn = 0
        while not self._stop.wait(0.25):
            self.web.entries += 1
            turn += 1
            if turn % 4 == 0:
                self.web.versions[turn % Web.PAGES] += 1

    def _write_stdin(self):
        while not self._stop.wait(0.02):
            line = f"Line {self.stdin_lines} of the pipe. {sentence(f'l{self.stdin_lines}')}\n".encode()
            try:
                os.write(self._stdin, line)
                self.stdin_lines += 1
            except (BlockingIOError, BrokenPipeError, OSError, TypeError):
                continue

    def configuration(self, out, extra_sinks="", before=""):
        """Every kind of source that is asked for, and all sinks, which write to the directory `out`."""
        text = before + f"""
[[sink]]
name = "archive"
plugin = "jsonl"
path = "{out}/out.jsonl"
[[sink]]
name = "rotated"
plugin = "jsonl"
path = "{out}/rotated.jsonl"
rotate_size = "256 KiB"
[[sink]]
name = "search"
plugin = "sqlite"
path = "{out}/out.sqlite3"
{extra_sinks}
[source.inbox]
plugin = "push"
[source.files]
plugin = "directory"
path = "{self.incoming}"
settle = "100ms"
rescan = "2s"
exclude = ["**/*.part~"]
[source.pipe]
plugin = "stdin"
records = "lines"
media_type = "text/plain"
idle = "10ms"
every = "1s"
"""
        if self.web:
            text += f"""
[source.feed]
plugin = "http"
url = "{self.web.base}/feed.xml"
kind = "feed"
allow_private = true
every = "700ms"
[source.pages]
plugin = "http"
url = "{self.web.base}/sitemap.xml"
kind = "sitemap"
allow_private = true
every = "1s"
"""
        return text

    def wanted(self):
        """Addresses that must be in the log exactly once as a new document, when all has ended."""
        uris = [uri for uri in self.acknowledged if self.believed(uri)] + ["file://" + name for name in self.files]
        if self.web:
            uris += [f"{self.web.base}/page/{n}.html" for n in range(Web.PAGES)]
        return uris
