"""Scores Millrace on the feed cases of the corpus: score.py [MILLRACECTL] [CORPUS].

Cases about HTTP need it: a server sends each file with the `Header:` lines of its first comment, on the address that the
cases expect, and `millracectl preview` fetches every one. The score is printed twice. It reads what it is given as HTML
(tags go, references are resolved); a document's fields are plain text, in which `<blink>` is seven characters. So the
first figure takes the documents as they are, the second takes them with these characters escaped, as text is put into
HTML. The last line counts the cases that are answered neither way.
"""

import contextlib
import html
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

ADDRESS = ("127.0.0.1", 8097)
TYPES = {".json": "application/feed+json"}
TEXTS = ("title", "summary", "text", "site", "author")
HEADER = re.compile(rb"^\s*Header:\s*([\w-]+):\s*(.*?)\s*$", re.MULTILINE | re.IGNORECASE)


class Handler(http.server.BaseHTTPRequestHandler):
    """Sends the files below `root` with the headers that they ask for."""

    def do_GET(self):
        path = (self.server.root / self.path.lstrip("/")).resolve()
        if not path.is_relative_to(self.server.root) or not path.is_file():
            return self.send_error(404)
        body = path.read_bytes()
        headers = {"content-type": TYPES.get(path.suffix, "application/xml")}
        for name, value in HEADER.findall(body.partition(b"-->")[0]):
            headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(root):
    """Serves `root` and gives the base of its addresses."""
    server = http.server.ThreadingHTTPServer(ADDRESS, Handler)
    server.root = root.resolve()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{ADDRESS[0]}:{ADDRESS[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def files(feeds):
    """The files that have cases, relative to the folder."""
    return sorted({case["file"] for case in json.loads((feeds / "cases.json").read_text())})


def preview(millracectl, feeds):
    """The documents of all files, each with the path of its file as `input`."""
    with serving(feeds) as base:
        command = [millracectl, "preview", "--json", *(base + name for name in files(feeds))]
        output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    for line in output.decode().splitlines():
        document = json.loads(line)
        document["input"] = str(feeds / document["input"].removeprefix(base))
        yield document


def as_html(document):
    """The document with the fields that hold text as HTML."""
    document = dict(document)
    for name in TEXTS:
        if name in document:
            document[name] = html.escape(document[name], quote=False)
    for name in ("authors", "tags"):
        if name in document:
            document[name] = [html.escape(value, quote=False) for value in document[name]]
    if "feed" in document:
        document["feed"] = as_html(document["feed"])
    return document


def score(corpus, documents, show=0):
    """What the corpus's own score says of the documents."""
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
        file.writelines(json.dumps(document) + "\n" for document in documents)
        file.flush()
        command = [corpus / "score", "feeds", "--worst", str(show), file.name]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def corpus_directory(argument=None):
    """Where the corpus is, or None."""
    here = pathlib.Path(__file__).resolve()
    path = pathlib.Path(argument or os.environ.get("MILLRACE_CORPUS") or here.parents[3] / "shared/corpus")
    return path if (path / "feeds/cases.json").is_file() else None


def main():
    millracectl = sys.argv[1] if len(sys.argv) > 1 else ".build/release/millracectl"
    corpus = corpus_directory(sys.argv[2] if len(sys.argv) > 2 else None)
    if not corpus:
        sys.exit("score.py: no corpus; remedy: name it as second argument or in MILLRACE_CORPUS")
    documents = list(preview(millracectl, corpus / "feeds"))
    failed = []
    for title, shown in (
        ("documents as they are (plain text):", documents),
        ("texts escaped for HTML, which the score reads:", [as_html(document) for document in documents]),
    ):
        lines = score(corpus, shown, show=1000).splitlines()
        print(title, *lines, "", sep="\n")
        # "no", the file, of the feed or an entry, the field
        failed.append({tuple(line.split()[1:4]) for line in lines if line.startswith("  no ")})
    print(f"answered neither way: {len(failed[0] & failed[1])} {sorted(failed[0] & failed[1])}")


if __name__ == "__main__":
    main()
