"""Lets Millrace and the libraries take turns on the same feeds and prints medians and ratios: compare.py BENCH ROUNDS.

"Documents" is the whole way: text from HTML, language, identity and fingerprint, JSON. "Fields" is what the libraries do:
every entry's fields as the feed has them. All are given the same bytes in memory, again and again in one process, after a
round that is not counted: no start, no file and no pipe is measured on either side. Records come in pieces of 1 MiB, as
the fetchers of files and of standard input hand them to a worker. Two times are told: by the clock, and of the processor,
which other work on the machine disturbs less. With the corpus at hand it also prints how many of its cases each one answers.
"""

import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile

import generate
import libraries
import score

LIBRARIES = ["fastfeedparser", "feedparser"]
SECONDS = "0.5"


def run(*command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def measure(bench, path, turn):
    """Each one's figures for the file in one turn; feedparser, which takes a minute, only in the first."""
    result = run(bench, "feeds", str(path), "--seconds", SECONDS)
    yield "Millrace, documents", result["documents"]
    yield "Millrace, fields", result["fields"]
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libraries.py")
    for name in LIBRARIES if turn == 0 else LIBRARIES[:1]:
        yield name, run(sys.executable, script, name, str(path), SECONDS)


def compare(bench, path, rounds):
    runs = {}
    for turn in range(rounds):
        for name, figures in measure(bench, path, turn):
            runs.setdefault(name, []).append(figures)
    size = path.stat().st_size / 1e6
    entries = {name: figures[0]["entries"] for name, figures in runs.items()}
    print(f"\n{size:.2f} MB, entries: {entries}, median of {rounds} rounds")
    print(f"{'MB/s':24}{'clock':>10}{'processor':>12}   fields and documents of Millrace, by the processor")
    medians = {name: {key: statistics.median(one[key] for one in figures) for key in ("seconds", "processor_seconds")}
               for name, figures in runs.items()}
    for name, figures in medians.items():
        line = f"{name:24}{size / figures['seconds']:10.1f}{size / figures['processor_seconds']:12.1f}"
        if name in LIBRARIES:
            fields, documents = (figures["processor_seconds"] / medians[f"Millrace, {what}"]["processor_seconds"]
                                 for what in ("fields", "documents"))
            line += f"   {fields:.2f} and {documents:.2f} times as fast"
        print(line)


def records(bench, path, rounds):
    runs = [run(bench, "feeds", str(path), "--seconds", SECONDS)["documents"] for _ in range(rounds)]
    count = runs[0]["entries"]
    print(f"\n{count} records of {path.stat().st_size / count:.0f} bytes, documents a second, median of {rounds} rounds: "
          f"{count / statistics.median(one['seconds'] for one in runs):.0f} by the clock, "
          f"{count / statistics.median(one['processor_seconds'] for one in runs):.0f} of the processor")


def answers(corpus):
    """How many of the corpus's cases each library answers, over HTTP as Millrace does."""
    feeds = corpus / "feeds"
    for name in LIBRARIES:
        parse = libraries.parser(name)
        documents = []
        with score.serving(feeds) as base:
            for file in score.files(feeds):
                try:
                    feed = parse(base + file)
                except Exception:
                    continue
                entry = feed.entries[0] if feed.entries else {}
                documents.append({**libraries.document(feed.feed, entry), "input": str(feeds / file)})
        print(f"{name:24}{score.score(corpus, documents).splitlines()[-1]}")
    documents = list(score.preview(".build/release/millracectl", feeds))
    for name, shown in ("Millrace", documents), ("Millrace, escaped", map(score.as_html, documents)):
        print(f"{name:24}{score.score(corpus, shown).splitlines()[-1]}")


def main():
    bench, rounds = sys.argv[1], int(sys.argv[2])
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES))
    with tempfile.TemporaryDirectory() as directory:
        paths = generate.write(directory)
        for name in "feed-5000", "feed-30":
            compare(bench, paths[name], rounds)
        records(bench, paths["records"], rounds)
    corpus = score.corpus_directory()
    if corpus:
        print("\ncases of the corpus answered:")
        answers(corpus)


main()
