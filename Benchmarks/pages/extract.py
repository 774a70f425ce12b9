"""Runs one library over all pages of a directory and prints what it took: extract.py LIBRARY DIRECTORY [LIMIT]."""

import gzip
import json
import os
import sys
import time


def pages(directory, limit):
    names = sorted(name for name in os.listdir(directory) if name.endswith((".html", ".html.gz")))
    for name in names[:limit]:
        path = os.path.join(directory, name)
        with (gzip.open if name.endswith(".gz") else open)(path, "rb") as file:
            yield file.read()


def resiliparse():
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    # Content alone: it finds no metadata.
    return lambda page: extract_plain_text(HTMLTree.parse_from_bytes(page, detect_encoding(page)), main_content=True)


def trafilatura():
    import trafilatura

    # With metadata, as Millrace's documents have them.
    return lambda page: trafilatura.bare_extraction(page, with_metadata=True)


def main():
    extract = {"resiliparse": resiliparse, "trafilatura": trafilatura}[sys.argv[1]]()
    contents = list(pages(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else None))
    empty = 0
    wall, processor = time.perf_counter(), time.process_time()
    for page in contents:
        try:
            empty += not extract(page)
        except Exception:
            empty += 1
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(json.dumps({"pages": len(contents), "megabytes": sum(map(len, contents)) / 1e6, "empty": empty,
                      "seconds": wall, "processor_seconds": processor}))


main()
