"""Writes the inputs that compare.py measures: two feeds and a file of records, the same in every run."""
import json
import pathlib
import random

WORDS = (
    "the a of and to in is was for on that with as by at from river water mill wheel miller grain flour stone weir "
    "sluice bridge boat canal lock gate harbour market village council report season winter spring summer morning "
    "evening people children teacher engineer carpenter repair opened closed measured reached carried built restored "
    "visited painted weather rain flood level metres hundred thousand years old new small large wooden iron early late"
).split()
NAMES = ["Ann Miller", "Bela Novak", "Chidi Okafor", "Dara Lindqvist", "Elena Rossi", "Farid Haddad"]
TAGS = ["water", "history", "craft", "harbour", "weather", "council", "nature"]


def sentence(rng):
    words = [rng.choice(WORDS) for _ in range(rng.randint(7, 18))]
    return " ".join(words).capitalize() + "."


def paragraph(rng, sentences):
    return " ".join(sentence(rng) for _ in range(sentences))


def entry(rng, number, paragraphs):
    body = []
    for _ in range(paragraphs):
        text = paragraph(rng, rng.randint(1, 3)).split(" ")
        place = rng.randrange(len(text))
        text[place] = f'<a href="https://mill.example/notes/{rng.randrange(10**6)}">{text[place]}</a>'
        place = rng.randrange(len(text))
        text[place] = f"<em>{text[place]}</em>"
        body.append("<p>" + " ".join(text) + "</p>")
    title = " ".join(rng.choice(WORDS) for _ in range(rng.randint(4, 9))).capitalize()
    return f"""<item>
<title>{title} &amp; {number}</title>
<link>https://mill.example/news/{number}/{title.lower().replace(" ", "-")}</link>
<guid isPermaLink="false">tag:mill.example,2026:{number}</guid>
<pubDate>{rng.choice("Mon Tue Wed Thu Fri Sat Sun".split())}, {rng.randint(1, 28):02} {
    rng.choice("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())} 2026 {rng.randint(0, 23):02}:{
    rng.randint(0, 59):02}:{rng.randint(0, 59):02} +0100</pubDate>
<dc:creator>{rng.choice(NAMES)}</dc:creator>
<category>{rng.choice(TAGS)}</category>
<category>{rng.choice(TAGS)}</category>
<description>{sentence(rng)}</description>
<content:encoded><![CDATA[{"".join(body)}]]></content:encoded>
</item>
"""


def feed(entries, paragraphs):
    rng = random.Random(1)
    items = "".join(entry(rng, number, paragraphs) for number in range(1, entries + 1))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>The mill by the river</title>
<link>https://mill.example/</link>
<description>What happens at the mill</description>
<language>en</language>
{items}</channel>
</rss>
"""


def records(count, size):
    rng = random.Random(2)
    for number in range(count):
        record = {"id": f"r-{number}", "title": sentence(rng), "url": f"https://mill.example/records/{number}",
                  "author": rng.choice(NAMES), "published": f"2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}T08:00:00Z"}
        text = paragraph(rng, 14)
        record["text"] = text[: size - len(json.dumps(record)) - 14]
        yield json.dumps(record) + "\n"


def write(directory):
    """The three inputs, each in a folder of its own, by name."""
    directory = pathlib.Path(directory)
    inputs = {
        "feed-5000": ("feed.xml", feed(5000, 3)),
        "feed-30": ("feed.xml", feed(30, 7)),
        "records": ("records.jsonl", "".join(records(100_000, 1024))),
    }
    paths = {}
    for name, (file, text) in inputs.items():
        (directory / name).mkdir(parents=True, exist_ok=True)
        paths[name] = directory / name / file
        paths[name].write_text(text, encoding="utf-8")
    return paths


if __name__ == "__main__":
    import sys

    for name, path in write(sys.argv[1] if len(sys.argv) > 1 else "feeds-input").items():
        print(name, path, path.stat().st_size)
