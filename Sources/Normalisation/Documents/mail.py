"""Reads one message (or, with the argument "mbox", a mailbox) on standard input and writes one JSON object a message.

Runs under python3 -I, without network and with limits on memory and time. A message that the email package can't take
becomes {"error": ...}; the others go on.
"""
import email.errors
import email.message
import email.parser
import email.policy
import email.utils
import json
import re
import sys

MESSAGES = 100_000
MESSAGE_BYTES = 64 << 20
ATTACHMENTS = 100
DEPTH = 8
# The time of day in the line that begins a message.
SEPARATOR = re.compile(rb" \d\d:\d\d")


def text_of(part):
    """A text part as text, whatever it says of its charset."""
    payload = part.get_payload(decode=True) or b""
    for charset in (part.get_content_charset(), "utf-8", "cp1252"):
        try:
            return payload.decode(charset)
        except (LookupError, UnicodeDecodeError, TypeError, ValueError):
            continue
    return payload.decode("latin-1")


def header(message, name):
    """A header's value on one line, or None; what is ill-formed is taken as it stands."""
    try:
        value = message.get(name)
    except Exception:
        value = dict(message.raw_items()).get(name)
    value = " ".join(str(value).split()) if value is not None else ""
    return value.encode("utf-8", "replace").decode("utf-8") or None


def authors(message):
    people = []
    for name, address in email.utils.getaddresses([header(message, "from") or ""])[:20]:
        if name or address:
            people.append(name or address)
    return people


def date(message):
    try:
        return email.utils.parsedate_to_datetime(header(message, "date")).isoformat()
    except (TypeError, ValueError, OverflowError):
        return header(message, "date")


def read(message, depth=1):
    """The message as a JSON object, and the messages that are attached to it."""
    record = {
        "id": header(message, "message-id"), "title": header(message, "subject"), "authors": authors(message),
        "published": date(message), "language": header(message, "content-language"),
        "tags": header(message, "keywords"), "url": header(message, "archived-at"), "attachments": [],
    }
    inner = []
    # No recursion of ours: messages may be nested as deep as they like.
    parts = [message]
    while parts:
        part = parts.pop()
        kind = part.get_content_type()
        name = None
        try:
            name = part.get_filename()
            is_attachment = part.get_content_disposition() == "attachment" or name is not None
        except Exception:
            is_attachment = True
        if kind == "message/rfc822" and part is not message:
            for attached in part.get_payload() if part.is_multipart() else []:
                if depth < DEPTH:
                    inner += read(attached, depth + 1)
            continue
        if part.is_multipart():
            parts += reversed(part.get_payload())
            continue
        if not is_attachment and kind in ("text/plain", "text/html"):
            text = text_of(part).encode("utf-8", "replace").decode("utf-8")
            field = kind[5:]
            record[field] = record[field] + "\n\n" + text if field in record else text
        elif len(record["attachments"]) < ATTACHMENTS:
            record["attachments"].append({
                "name": name and " ".join(str(name).split()).encode("utf-8", "replace").decode("utf-8"), "type": kind,
                "length": len(part.get_payload(decode=True) or b""),
                "id": header(part, "content-id"),
            })
    return [record] + inner


def messages(stream, is_mailbox):
    """The bytes of each message; in a mailbox a line like "From anna Tue Mar 3 10:00:00 2026" after an empty one parts
    them."""
    lines, size, after_empty = [], 0, True
    for line in stream:
        if is_mailbox and after_empty and line.startswith(b"From ") and SEPARATOR.search(line):
            if lines:
                yield b"".join(lines)
            lines, size, after_empty = [], 0, False
            continue
        after_empty = line in (b"\n", b"\r\n")
        # mboxrd puts one more ">" before lines that look like the beginning of a message.
        if is_mailbox and line.startswith(b">") and line.lstrip(b">").startswith(b"From "):
            line = line[1:]
        size += len(line)
        if size <= MESSAGE_BYTES:
            lines.append(line)
    if lines:
        yield b"".join(lines)


def main():
    parser = email.parser.BytesParser(policy=email.policy.default)
    out = sys.stdout
    for number, raw in enumerate(messages(sys.stdin.buffer, sys.argv[1:] == ["mbox"])):
        if number == MESSAGES:
            print(json.dumps({"error": f"messages beyond the first {MESSAGES} were not read"}), file=out)
            break
        try:
            for record in read(parser.parsebytes(raw)):
                print(json.dumps({name: value for name, value in record.items() if value}), file=out)
        except Exception as error:
            print(json.dumps({"error": f"{type(error).__name__}: {error}"[:300]}), file=out)


main()
