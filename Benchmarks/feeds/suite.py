"""Holds Millrace to feedparser's own tests: suite.py [MILLRACECTL] [SDIST].

The tests are files of feedparser's source distribution, which pip fetches into a cache. Each begins with a comment whose
`Expect:` line is an expression of Python. Comparisons of what a Millrace document says too (fields below) become checks;
what no document says is counted. Files are served with the headers that they ask for, and previewed over HTTP. Texts are
compared as the corpus's score does: without tags, references resolved, ours escaped for HTML; descriptions and contents by
their words. What feedparser itself says is compared in the same way, where Python has it. MILLRACE_SHOW=N names as many
checks that fail (all of them by default).
"""

import ast
import calendar
import collections
import datetime
import email.utils
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import time
import unicodedata

import score

PACKAGE = "feedparser==6.0.14"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "millrace/feedparser"
EXPECT = re.compile(r"^[ \t]*Expect:\s*(.*)$", re.MULTILINE)
CODECS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037")

# What feedparser calls it, with the numbers of lists left out, by what a document calls it.
ENTRY = {
    "title": "title title_detail.value",
    "text": "description summary summary_detail.value content.value",
    "url": "link",
    "source_id": "id guid",
    "authors": "author author_detail.name authors.name",
    "published": "published published_parsed created created_parsed",
    "modified": "updated updated_parsed",
    "language": "language",
    "tags": "tags.term tags.label category categories",
    "images": "image.href media_thumbnail.url",
    "enclosures": "enclosures.href enclosures.url enclosures.type enclosures.length media_content.url",
    "links": "links.href",
}
FEED = {
    "title": "title title_detail.value",
    "summary": "description subtitle subtitle_detail.value tagline tagline_detail.value info info_detail.value",
    "url": "link",
    "source_id": "id guid",
    "author": "author author_detail.name authors.name",
    "published": "published published_parsed",
    "modified": "updated updated_parsed",
    "language": "language",
}
NAMES = {
    (scope, name): field
    for scope, fields in (("entries", ENTRY), ("feed", FEED))
    for field, names in fields.items()
    for name in names.split()
}


def distribution(path):
    """The folder of the unpacked source distribution."""
    CACHE.mkdir(parents=True, exist_ok=True)
    if not path:
        name = PACKAGE.replace("==", "-") + ".tar.gz"
        path = CACHE / name
        if not path.is_file():
            command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
            command += ["--no-binary", ":all:", "--dest", str(CACHE), PACKAGE]
            try:
                subprocess.run(command, check=True)
            except (OSError, subprocess.CalledProcessError):
                print(f"suite.py: skipped, pip could not fetch {PACKAGE}; remedy: name its .tar.gz as second argument")
                sys.exit(0)
    folder = CACHE / PACKAGE.replace("==", "-")
    if not folder.is_dir():
        with tarfile.open(path) as archive:
            archive.extractall(CACHE, filter="data")
    return folder


def expectation(body):
    """The expression that the first comment holds."""
    for codec in CODECS:
        found = EXPECT.search(body.decode(codec, "replace"))
        if found:
            return found[1].strip()
    return None


def path_of(node):
    """`entries[0]['content'][0]['value']` as ["entries", 0, "content", 0, "value"], or None."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        before = path_of(node.value)
        return before and before + [node.attr]
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        before = path_of(node.value)
        return before and before + [node.slice.value]
    return None


def checks(expression):
    """The comparisons that must all hold: (path, expected); a path of None is one that no document answers."""
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return
    for part in tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]:
        if not isinstance(part, ast.Compare) or len(part.ops) > 1 or not isinstance(part.ops[0], ast.Eq):
            continue
        path = path_of(part.left)
        if isinstance(part.left, ast.Call) and getattr(part.left.func, "id", "") == "len" and part.left.args:
            path = path_of(part.left.args[0])
            path = ["count"] if path == ["entries"] else None
        try:
            expected = ast.literal_eval(part.comparators[0])
        except ValueError:
            continue
        yield path, expected


def field_of(path):
    """(scope, number of the entry, field) of a path, or None."""
    if path == ["count"]:
        return "entries", 0, "count"
    if not path or path[0] not in ("feed", "entries"):
        return None
    number = path[1] if path[0] == "entries" and len(path) > 1 and isinstance(path[1], int) else 0
    names = [name for name in path[1:] if isinstance(name, str)]
    field = NAMES.get((path[0], ".".join(names)))
    return field and (path[0], number, field)


def plain(text):
    text = re.sub(r"(?s)<(script|style)\b.*?</\1\s*>", " ", str(text))
    text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def words(text):
    return re.findall(r"\w+", plain(text).lower())


def moment(value):
    """The same moment in the same form, where the value is one."""
    if isinstance(value, tuple):
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(calendar.timegm(value)))
    for read in (datetime.datetime.fromisoformat, email.utils.parsedate_to_datetime):
        try:
            return read(value.replace("Z", "+00:00")).astimezone(datetime.timezone.utc).isoformat()[:19]
        except (TypeError, ValueError):
            continue
    return value


def holds(field, got, expected):
    """Whether one of the values is what is expected."""
    if field == "count":
        return got == [expected]
    if field in ("published", "modified"):
        return any(moment(value) == moment(expected) for value in got)
    if field in ("text", "summary"):
        return any("".join(words(value)) == "".join(words(expected)) for value in got or [""]) or as_is(got, expected)
    if field in ("authors", "author"):
        # The name of a person, without the address of mail.
        return any(words(value) and set(words(value)) <= set(words(expected)) for value in got)
    if field == "language":
        return any(value.lower().replace("_", "-") == expected.lower().replace("_", "-") for value in got)
    return any(plain(value) == plain(expected) for value in got or [""]) or as_is(got, expected)


def as_is(got, expected):
    """Whether the answer is the expected one to the letter: some tests expect plain text."""
    return any(html.unescape(str(value)) == expected for value in got)


def of_millrace(documents, scope, number, field):
    """What the documents of a file say in a field."""
    entries = [document for document in documents if "id" in document]
    if field == "count":
        return [len(entries)]
    if scope == "feed":
        document = documents[0].get("feed", {}) if documents else {}
    else:
        document = entries[number] if number < len(entries) else {}
    names = {"text": ("text", "summary"), "links": ("url", "links", "enclosures")}.get(field, (field,))
    found = []
    for name in names:
        value = document.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                found += [str(one.get(key)) for key in ("url", "type", "length") if one.get(key) is not None]
            elif one is not None:
                found.append(html.escape(one, quote=False) if field not in ("url", "links") else one)
    return found


def of_feedparser(result, path):
    """What feedparser says at a path."""
    if path == ["count"]:
        return [len(result["entries"])]
    value = result
    try:
        for step in path:
            value = value[step]
    except (KeyError, IndexError, TypeError):
        return []
    if isinstance(value, time.struct_time):
        return [time.strftime("%Y-%m-%dT%H:%M:%S", value)]
    return [value] if value is not None else []


def main():
    millracectl = sys.argv[1] if len(sys.argv) > 1 else ".build/release/millracectl"
    folder = distribution(sys.argv[2] if len(sys.argv) > 2 else None)
    try:
        import feedparser
    except ImportError:
        feedparser = None
    tests = {}
    unanswered = collections.Counter()
    for path in sorted((folder / "tests").glob("**/*.xml")):
        for where, expected in checks(expectation(path.read_bytes()) or ""):
            if field_of(where):
                tests.setdefault(path.relative_to(folder), []).append((where, expected))
            else:
                unanswered[".".join(name for name in where or ["other"] if isinstance(name, str))] += 1
    documents = collections.defaultdict(list)
    theirs = {}
    with score.serving(folder) as base:
        command = [millracectl, "preview", "--json", *(base + str(name) for name in tests)]
        output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
        for line in output.decode().splitlines():
            document = json.loads(line)
            documents[document["input"].removeprefix(base)].append(document)
        for name in tests if feedparser else ():
            theirs[name] = feedparser.parse(base + str(name))
    table = collections.defaultdict(lambda: [0, 0, 0])
    differing = []
    for name, expectations in tests.items():
        for path, expected in expectations:
            scope, number, field = field_of(path)
            got = of_millrace(documents[str(name)], scope, number, field)
            ours = holds(field, got, expected)
            his = holds(field, of_feedparser(theirs[name], path), expected) if feedparser else False
            for row in (str(name.parent.relative_to("tests")), f"{scope} {field}", "all"):
                table[row] = [a + b for a, b in zip(table[row], (1, ours, his))]
            if not ours:
                differing.append(f"  {name.relative_to('tests')} {scope} {field}: want {expected!r:.100}, got {got!r:.200}")
    print(f"{'':32} checks  Millrace" + ("  feedparser" if feedparser else ""))
    for row, (count, ours, his) in sorted(table.items(), key=lambda item: (item[0] == "all", " " in item[0], item[0])):
        print(f"{row:32} {count:6} {ours:9}" + (f" {his:11}" if feedparser else ""))
    print(f"{sum(unanswered.values())} comparisons are of what no document says")
    print(f"{len(differing)} differ:")
    show = int(os.environ.get("MILLRACE_SHOW", len(differing)))
    print("\n".join(differing[:show]))


if __name__ == "__main__":
    main()
