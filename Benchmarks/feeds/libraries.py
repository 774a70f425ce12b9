"""What the libraries make of a feed: libraries.py LIBRARY FILE SECONDS prints what parsing it took, again and again."""

import json
import sys
import time


def parser(name):
    """The library's function from bytes, or an address, to a feed."""
    if name == "feedparser":
        import feedparser

        return feedparser.parse
    import fastfeedparser

    return fastfeedparser.parse


def document(feed, entry):
    """The answer in the names of a document, the first entry's with the feed's as `feed`."""

    def fields(source):
        def first(*names):
            return next((source[name] for name in names if source.get(name)), None)

        content = source.get("content") or [{}]
        return {"title": first("title"), "summary": first("summary", "description", "subtitle"), "url": first("link"),
                "source_id": first("id"), "authors": [source["author"]] if source.get("author") else [],
                "published": instant(source, "published"), "modified": instant(source, "updated"),
                "language": first("language"), "text": content[0].get("value")}

    return {**fields(entry), "feed": fields(feed)}


def instant(source, name):
    """The date in ISO 8601, which one library gives as it is and the other as a tuple."""
    parsed = source.get(name + "_parsed")
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", parsed) if parsed else source.get(name)


def main():
    parse = parser(sys.argv[1])
    with open(sys.argv[2], "rb") as file:
        content = file.read()
    # The first round fills caches and is not counted, as with Millrace.
    entries = len(parse(content).entries)
    rounds = 0
    wall, processor = time.perf_counter(), time.process_time()
    while rounds == 0 or time.perf_counter() - wall < float(sys.argv[3]):
        entries = len(parse(content).entries)
        rounds += 1
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(json.dumps({"entries": entries, "seconds": wall / rounds, "processor_seconds": processor / rounds}))


if __name__ == "__main__":
    main()
